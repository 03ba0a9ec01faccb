"""Facts about the comparison of private groups with the journal: what leaks, is lost or is changed is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from chaos.comparing_circles import check_strays, check_trespasses, compare_circle
from chaos.findings import Kind
from chaos.reading import ShownComment, ShownPost
from chaos.rules import expect
from chaos.shown_circles import ShownCircle
from tests.chaos.circles import CIRCLE, EVE, JOURNAL, LUZ, expected, shown
from tests.chaos.content import ANNA, BOB, KENJI, noted

Plant = Callable[[ShownCircle], None]


def lose_a_post(seen: ShownCircle) -> None:
    del seen.posts[0]


def lose_a_comment(seen: ShownCircle) -> None:
    del seen.comments[0]


def show_what_came_behind_a_ban(seen: ShownCircle) -> None:
    seen.posts.append(ShownPost("lima_S3", LUZ, "late too", 0, {}))


def count_a_comment_behind_a_ban(seen: ShownCircle) -> None:
    seen.posts[1] = replace(seen.posts[1], comment_count=2)


def keep_who_was_banned(seen: ShownCircle) -> None:
    seen.members.append(LUZ)


def count_who_was_banned(seen: ShownCircle) -> None:
    seen.count = 3


def show_a_hidden_post(seen: ShownCircle) -> None:
    seen.posts.append(ShownPost("tokyo_S4", KENJI, "an advertisement", 1, {}))


def show_what_stands_below_a_hidden_post(seen: ShownCircle) -> None:
    seen.comments.append(ShownComment("tokyo_D3", "tokyo_S4", KENJI, "buy it"))


def show_a_hidden_comment(seen: ShownCircle) -> None:
    seen.comments.append(ShownComment("tokyo_D4", "stockholm_S1", KENJI, "buy this"))


def count_a_hidden_comment(seen: ShownCircle) -> None:
    seen.posts[1] = replace(seen.posts[1], comment_count=2)


def keep_a_restored_post_hidden(seen: ShownCircle) -> None:
    del seen.posts[2]


def keep_a_restored_comment_hidden(seen: ShownCircle) -> None:
    del seen.comments[1]


def forget_who_asks(seen: ShownCircle) -> None:
    seen.asking = []


def ask_for_who_was_let_in(seen: ShownCircle) -> None:
    seen.asking = [BOB, KENJI]


@pytest.mark.parametrize("person", [ANNA, KENJI, LUZ, BOB, EVE, ""])
def test_members_are_shown_everything_and_others_nothing(person: str) -> None:
    assert list(compare_circle(shown(person), expected())) == []


@pytest.mark.parametrize(
    ("plant", "kind"),
    [
        (lose_a_post, Kind.LOST),
        (lose_a_comment, Kind.LOST),
        (show_what_came_behind_a_ban, Kind.SURPLUS),
        (count_a_comment_behind_a_ban, Kind.CHANGED),
        (keep_who_was_banned, Kind.SURPLUS),
        (count_who_was_banned, Kind.CHANGED),
        (show_a_hidden_post, Kind.SURPLUS),
        (show_what_stands_below_a_hidden_post, Kind.SURPLUS),
        (show_a_hidden_comment, Kind.SURPLUS),
        (count_a_hidden_comment, Kind.CHANGED),
        (keep_a_restored_post_hidden, Kind.LOST),
        (keep_a_restored_comment_hidden, Kind.LOST),
        (forget_who_asks, Kind.LOST),
        (ask_for_who_was_let_in, Kind.SURPLUS),
    ],
)
def test_a_planted_mistake_is_found(plant: Plant, kind: Kind) -> None:
    seen = shown(ANNA)
    plant(seen)

    (finding,) = compare_circle(seen, expected())

    assert (finding.kind, finding.region) == (kind, "stockholm")


@pytest.mark.parametrize("person", [LUZ, BOB, EVE, ""])
@pytest.mark.parametrize(
    "leak",
    [
        {"count": 2},
        {"members": [ANNA]},
        {"posts": [ShownPost("stockholm_S1", ANNA, "secret", 1, {})]},
        {"comments": [ShownComment("tokyo_D2", "stockholm_S1", KENJI, "hush")]},
    ],
    ids=str,
)
def test_whatever_of_it_is_shown_to_who_is_not_in_it_is_a_leak(person: str, leak: dict[str, object]) -> None:
    seen = shown(person)
    for name, held in leak.items():
        setattr(seen, name, held)

    assert [finding.kind for finding in compare_circle(seen, expected())] == [Kind.LEAK]


def test_who_is_in_a_group_is_shown_no_others_posts_alone() -> None:
    held = expected()

    assert held.private_to_others(KENJI) == []
    assert held.private_to_others(LUZ) == ["stockholm_S1", "lima_S2", "lima_S3", "tokyo_S4", "tokyo_S5"]
    assert [finding.kind for finding in check_strays("lima", LUZ, ["stockholm_S1"])] == [Kind.LEAK]


def test_what_somebody_could_write_who_was_never_let_in_is_a_leak() -> None:
    assert list(check_trespasses(expected())) == []

    posted = noted(EVE, "createPost", "austin_S9", body="hello", groupId=CIRCLE)
    commented = noted(BOB, "addComment", "austin_D9", postId="stockholm_S1", body="what is this?")
    for entry in (posted, commented):
        assert [finding.kind for finding in check_trespasses(expect([*JOURNAL, entry]))] == [Kind.LEAK]
