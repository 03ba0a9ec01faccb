"""Facts about the comparison of what is found with what was acknowledged: what is missing, gone or others' is found out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chaos.comparing_found import compare_found
from chaos.expected import Expected
from chaos.findable import found_by, suggested_to, unsure_words, words_among, words_of_names
from chaos.findings import Kind
from chaos.rules import expect
from chaos.shown_found import ShownFound
from chaos.words import word_of
from tests.chaos.content import ANNA, BOB, KENJI, noted

PUBLIC, LOCAL, SECRET, GONE, NAME = (
    word_of(name, 0, audience="") for name in ("public", "local", "us", "gone", "name")
)
JOURNAL = (
    noted(ANNA, "createPost", "stockholm_P1", body=f"one {PUBLIC}"),
    noted(ANNA, "createPost", "stockholm_Q1", body="?", title=f"how {PUBLIC} {NAME}", kind="QUESTION"),
    noted(KENJI, "addComment", "tokyo_A1", postId="stockholm_Q1", body=f"so {PUBLIC}", answer=True),
    noted(ANNA, "createPost", "stockholm_P2", body=f"two {LOCAL}", reach="LOCAL"),
    noted(ANNA, "createPost", "stockholm_P3", body=f"three {GONE}"),
    noted(ANNA, "deletePost", postId="stockholm_P3"),
    noted(ANNA, "createPost", "stockholm_P4", body=f"four {GONE}"),
    noted(ANNA, "editPost", postId="stockholm_P4", body=f"four, corrected {PUBLIC}"),
    noted(ANNA, "updateProfile", title=f"engineer {PUBLIC}"),
    noted(ANNA, "createGroup", "stockholm_C", name=f"us {SECRET} {NAME}", reach="NETWORK", visibility="PRIVATE"),
    noted(KENJI, "requestMembership", groupId="stockholm_C"),
    noted(ANNA, "approveMembership", groupId="stockholm_C", personId=KENJI),
    noted(ANNA, "createPost", "stockholm_S1", body=f"hush {SECRET}", groupId="stockholm_C"),
)
WORDS = {PUBLIC, LOCAL, SECRET, GONE, NAME}
Plant = Callable[[ShownFound], None]


def expected() -> Expected:
    return expect(JOURNAL)


def shown(person: str) -> ShownFound:
    """Return what somebody finds in a region that has everything."""
    region = person.partition("_")[0]
    found, suggested = found_by(expected(), region, person), suggested_to(expected(), region, person)
    return ShownFound(
        region,
        person,
        found={word: sorted(found.get(word, ())) for word in WORDS},
        counts={word: len(found.get(word, ())) for word in WORDS},
        suggested={NAME: sorted(suggested.get(NAME, ()))},
    )


def findings(seen: ShownFound) -> list[Kind]:
    held = expected()
    compared = compare_found(
        seen, found_by(held, seen.region, seen.person), suggested_to(held, seen.region, seen.person)
    )
    return [finding.kind for finding in compared]


def test_each_finds_what_they_may_see_as_it_is_now() -> None:
    public = {"stockholm_P1", "stockholm_Q1", "tokyo_A1", "stockholm_P4", ANNA}

    assert found_by(expected(), "austin", "") == {PUBLIC: public, NAME: {"stockholm_Q1"}}
    assert found_by(expected(), "stockholm", "") == {PUBLIC: public, NAME: {"stockholm_Q1"}, LOCAL: {"stockholm_P2"}}
    assert found_by(expected(), "tokyo", KENJI) == {
        PUBLIC: public,
        NAME: {"stockholm_Q1", "stockholm_C"},
        SECRET: {"stockholm_S1", "stockholm_C"},
    }
    assert suggested_to(expected(), "austin", "")[NAME] == {"stockholm_Q1"}
    assert suggested_to(expected(), "tokyo", KENJI)[NAME] == {"stockholm_Q1", "stockholm_C"}
    assert words_of_names(expected()) == {PUBLIC, NAME, SECRET}
    assert words_among(expected()) == {SECRET, NAME}


def test_by_a_word_of_what_nobody_was_told_the_id_of_nothing_is_asked() -> None:
    unnamed = noted(KENJI, "addComment", postId="stockholm_P1", body=f"hidden as I wrote {PUBLIC}")
    assert unsure_words(expect([*JOURNAL, unnamed])) == {PUBLIC}


@pytest.mark.parametrize("person", [ANNA, KENJI, BOB])
def test_who_finds_what_they_must_finds_nothing_wrong(person: str) -> None:
    assert findings(shown(person)) == []


def find_less(seen: ShownFound) -> None:
    seen.found[PUBLIC].pop()


def find_twice(seen: ShownFound) -> None:
    seen.found[PUBLIC].append("stockholm_P1")


def find_what_was_deleted(seen: ShownFound) -> None:
    seen.found[GONE].append("stockholm_P3")


def find_what_was_corrected(seen: ShownFound) -> None:
    seen.found[GONE].append("stockholm_P4")


def find_what_is_local_elsewhere(seen: ShownFound) -> None:
    seen.found[LOCAL].append("stockholm_P2")


def find_what_is_private_to_others(seen: ShownFound) -> None:
    seen.found[SECRET].append("stockholm_S1")


def be_told_how_much_others_have(seen: ShownFound) -> None:
    seen.counts[SECRET] = 1


def go_on_to_a_private_group(seen: ShownFound) -> None:
    seen.suggested[NAME].append("stockholm_C")


def go_on_to_nothing(seen: ShownFound) -> None:
    seen.suggested[NAME].clear()


@pytest.mark.parametrize(
    ("plant", "kind"),
    [
        (find_less, Kind.LOST),
        (find_twice, Kind.TWICE),
        (find_what_was_deleted, Kind.SURPLUS),
        (find_what_was_corrected, Kind.SURPLUS),
        (find_what_is_local_elsewhere, Kind.SURPLUS),
        (find_what_is_private_to_others, Kind.SURPLUS),
        (be_told_how_much_others_have, Kind.CHANGED),
        (go_on_to_a_private_group, Kind.SURPLUS),
        (go_on_to_nothing, Kind.LOST),
    ],
)
def test_a_planted_mistake_is_found(plant: Plant, kind: Kind) -> None:
    seen = shown(BOB)
    plant(seen)

    assert findings(seen) == [kind]
