"""Facts about the comparison of recognition with the journal: each planted mistake is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from chaos.comparing_gifts import check_allowances, compare_gifts
from chaos.findings import Kind
from chaos.gifts import Gift
from chaos.shown_gifts import ShownGifts
from tests.chaos.content import ANNA, KENJI
from tests.chaos.recognition import BOSS, HAND, MAJA, expected, shown

Plant = Callable[[ShownGifts], None]
PRIVATE = Gift(ANNA, (MAJA,), "among us two", private=True)


def lose_a_gift(seen: ShownGifts) -> None:
    seen.gifts.pop(0)


def show_a_gift_twice(seen: ShownGifts) -> None:
    seen.gifts.append(seen.gifts[0])


def show_what_was_taken_back(seen: ShownGifts) -> None:
    seen.gifts.append(("stockholm_T4", Gift(ANNA, (KENJI,), "too soon", private=False)))


def show_what_is_private_to_others(seen: ShownGifts) -> None:
    seen.gifts.append(("stockholm_T3", PRIVATE))


def lose_a_receiver(seen: ShownGifts) -> None:
    name, gift = seen.gifts[0]
    seen.gifts[0] = name, replace(gift, receivers=(KENJI,))


def show_what_is_private_as_public(seen: ShownGifts) -> None:
    seen.gifts = [(name, replace(gift, private=False)) for name, gift in seen.gifts]


def lose_a_badge(seen: ShownGifts) -> None:
    seen.badges.clear()


def raise_a_limit(seen: ShownGifts) -> None:
    seen.badges = [replace(badge, limit=badge.limit + 1) for badge in seen.badges]


def forget_what_was_awarded(seen: ShownGifts) -> None:
    seen.badges = [replace(badge, awarded=badge.awarded - 1) for badge in seen.badges]


def count_what_was_taken_back(seen: ShownGifts) -> None:
    seen.statements = {of: replace(totals, total=totals.total + 1) for of, totals in seen.statements.items()}


def count_another_value(seen: ShownGifts) -> None:
    seen.statements = {of: replace(totals, values={"Care": 2}) for of, totals in seen.statements.items()}


@pytest.mark.parametrize("person", ["", ANNA, KENJI, MAJA, BOSS])
def test_who_is_shown_what_they_must_be_is_shown_nothing_wrong(person: str) -> None:
    assert list(compare_gifts(shown(person), expected())) == []


@pytest.mark.parametrize(
    ("plant", "kind"),
    [
        (lose_a_gift, Kind.LOST),
        (show_a_gift_twice, Kind.TWICE),
        (show_what_was_taken_back, Kind.SURPLUS),
        (show_what_is_private_to_others, Kind.SURPLUS),
        (lose_a_receiver, Kind.CHANGED),
        (show_what_is_private_as_public, Kind.CHANGED),
        (lose_a_badge, Kind.LOST),
        (raise_a_limit, Kind.CHANGED),
        (forget_what_was_awarded, Kind.CHANGED),
        (count_what_was_taken_back, Kind.CHANGED),
        (count_another_value, Kind.CHANGED),
    ],
)
def test_a_planted_mistake_is_found(plant: Plant, kind: Kind) -> None:
    seen = shown()
    plant(seen)

    (finding,) = compare_gifts(seen, expected())

    assert (finding.kind, finding.region) == (kind, "tokyo")


def test_what_is_private_is_not_for_everybody() -> None:
    seen = shown("")
    seen.gifts.append(("stockholm_T3", PRIVATE))

    assert [finding.kind for finding in compare_gifts(seen, expected())] == [Kind.SURPLUS]


def test_an_award_that_was_refused_within_the_allowance_is_found() -> None:
    held = expected()
    assert list(check_allowances(held)) == []

    held.awarded[ANNA, HAND] -= 1
    assert [finding.kind for finding in check_allowances(held)] == [Kind.ANSWER]
