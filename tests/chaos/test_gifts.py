"""Facts about the model of recognition."""

from __future__ import annotations

from chaos.gifts import Totals
from tests.chaos.content import ANNA, KENJI
from tests.chaos.recognition import BOSS, HAND, LIMIT, MAJA, expected


def test_what_is_private_is_for_who_gave_it_who_got_it_and_who_leads_them() -> None:
    held = expected()
    public = {"stockholm_T1", "stockholm_A1"}

    assert held.public().keys() == held.seen_by("").keys() == public
    assert held.seen_by(ANNA).keys() == public | {"stockholm_T2", "stockholm_T3"}
    assert held.seen_by(KENJI).keys() == held.seen_by(BOSS).keys() == public | {"stockholm_T2"}
    assert held.seen_by(MAJA).keys() == public | {"stockholm_T3"}


def test_a_statement_counts_what_was_not_taken_back() -> None:
    assert expected().totals_of(KENJI) == Totals(3, 2, {HAND: 1}, {"Care": 1, "Craft": 1})


def test_what_was_taken_back_stays_counted_against_the_allowance() -> None:
    assert expected().awarded == {(ANNA, HAND): LIMIT}
