"""Facts about the count of awards in the logs: what is beyond an allowance is found, whoever wrote it."""

from __future__ import annotations

from chaos.allowances import AWARDED, DEFINED, check_awards
from chaos.findings import Kind
from chaos.streams import Entry
from chaos.wire import Fact

ANNA, MAJA, HAND = "stockholm_ANNA", "stockholm_MAJA", "stockholm_B"
NOVEMBER_MS, DECEMBER_MS = 1_796_083_199_999, 1_796_083_200_000
"""The last millisecond of November 2026, in UTC, and the next."""


def entry(fact: Fact) -> Entry:
    return Entry(1, f"ev.stockholm.pub.recognition.{fact.actor}", "id", "", 0, "", fact)


def defined(limit: int) -> Entry:
    return entry(Fact(DEFINED, MAJA, {1: HAND.encode(), 6: limit}))


def awarded(at_ms: int = NOVEMBER_MS, giver: str = ANNA) -> Entry:
    return entry(Fact(AWARDED, giver, {1: b"stockholm_A", 2: HAND.encode(), 6: at_ms}))


def kinds(*entries: Entry) -> list[Kind]:
    return [finding.kind for finding in check_awards({"tokyo": entries})]


def test_awards_within_the_allowance_of_each_giver_and_month_are_right() -> None:
    assert kinds(defined(2), awarded(), awarded(), awarded(DECEMBER_MS), awarded(giver=MAJA)) == []
    assert kinds(defined(0), *[awarded()] * 9) == []


def test_an_award_beyond_the_allowance_is_found() -> None:
    assert kinds(defined(2), awarded(), awarded(), awarded()) == [Kind.EXCEEDED]


def test_an_award_of_a_badge_that_nobody_defined_is_found() -> None:
    assert kinds(awarded()) == [Kind.SURPLUS]
