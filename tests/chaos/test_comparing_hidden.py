"""Facts about what is hidden: who is shown it who must not be, or is not who must be, is found."""

from __future__ import annotations

import pytest

from chaos.comparing_hidden import compare_hidden
from chaos.expected import Expected
from chaos.findings import Kind
from chaos.journal import Acknowledged
from chaos.rules import expect
from chaos.shown_hidden import ShownHidden
from tests.chaos import circles
from tests.chaos.circles import CIRCLE, EVE, LUZ
from tests.chaos.content import ANNA, BOB, JOURNAL, KENJI, noted

MAJA = "stockholm_MAJA"
LET_IN = (
    noted(MAJA, "requestMembership", groupId=CIRCLE),
    noted(ANNA, "approveMembership", groupId=CIRCLE, personId=MAJA),
)
ASKED = ["tokyo_S4", "tokyo_D4"]
"""A post and a comment of Kenji's in Anna's circle."""


def expected(*more: Acknowledged) -> Expected:
    return expect([*circles.JOURNAL, *LET_IN, *more])


def found(shown: ShownHidden, held: Expected, asked: list[str]) -> list[Kind]:
    return [finding.kind for finding in compare_hidden(shown, held, asked)]


def test_what_is_asked_for_is_what_a_moderator_hides_and_nothing_else_takes_away() -> None:
    assert expected().hidden() == ASKED
    assert expected(noted(KENJI, "deletePost", postId="tokyo_S4")).hidden() == ["tokyo_D4"]
    assert expected(noted(KENJI, "deleteComment", commentId="tokyo_D4")).hidden() == ["tokyo_S4"]
    assert expected(noted(ANNA, "hideContent", contentId="stockholm_S1")).hidden() == ["stockholm_S1", "tokyo_S4"]


@pytest.mark.parametrize("person", [ANNA, KENJI])
def test_its_author_and_who_moderates_are_shown_that_it_is_hidden(person: str) -> None:
    region = person.partition("_")[0]

    assert found(ShownHidden(region, person, dict.fromkeys(ASKED, True)), expected(), ASKED) == []
    assert found(ShownHidden(region, person), expected(), ASKED) == [Kind.LOST, Kind.LOST]
    assert found(ShownHidden(region, person, dict.fromkeys(ASKED, False)), expected(), ASKED) == [Kind.CHANGED] * 2


@pytest.mark.parametrize("person", [MAJA, LUZ, BOB, EVE, ""])
def test_other_members_and_whoever_else_is_shown_it_is_found(person: str) -> None:
    region = person.partition("_")[0] or "tokyo"

    assert found(ShownHidden(region, person), expected(), ASKED) == []
    for content in ASKED:
        assert found(ShownHidden(region, person, {content: True}), expected(), ASKED) == [Kind.LEAK]


def test_an_author_who_was_sent_away_is_shown_it_no_longer() -> None:
    held = expected(noted(ANNA, "removeMember", groupId=CIRCLE, personId=KENJI))

    assert found(ShownHidden("tokyo", KENJI), held, ASKED) == []
    assert found(ShownHidden("tokyo", KENJI, {"tokyo_S4": True}), held, ASKED) == [Kind.LEAK]


def test_in_a_group_that_everybody_sees_it_is_for_its_author_and_a_moderator_wherever_they_are() -> None:
    role = noted(ANNA, "setMemberRole", groupId="stockholm_G", personId=BOB, role="MODERATOR")
    local = [
        noted(ANNA, "createPost", "stockholm_P7", body="here", groupId="stockholm_H"),
        noted(ANNA, "hideContent", contentId="stockholm_P7"),
    ]
    held = expect([*JOURNAL, role, *local])
    asked = held.hidden()

    assert asked == ["tokyo_P5", "stockholm_P7"]
    for region, person, wanted in (
        ("tokyo", KENJI, ["tokyo_P5"]),
        ("austin", BOB, ["tokyo_P5"]),
        ("stockholm", ANNA, asked),
        ("stockholm", "", []),
        ("tokyo", "", []),
    ):
        assert found(ShownHidden(region, person, dict.fromkeys(wanted, True)), held, asked) == []
