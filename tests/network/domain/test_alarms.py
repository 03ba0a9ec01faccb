"""What is an alarm, and what is not yet one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.network.domain.alarms import (
    CLOCK_AHEAD,
    EVENTS_REFUSED,
    LINK_SILENT,
    LOST_TAIL,
    REFUSED_HOLDS_SECONDS,
    PeerFacts,
    alarms,
    has_lost_tail,
)
from services.network.domain.links import Link

NOW_MS = 1_700_000_000_000
WELL = PeerFacts(
    region="tokyo",
    link=Link(connected=True, last_contact_ms=NOW_MS, held=10, peers_last=10),
    watched_since_ms=NOW_MS - 3_600_000,
    lost_tail=False,
    ahead_ms=0,
    refused_at_ms=0,
)


def _codes(facts: PeerFacts, *, now_ms: int = NOW_MS) -> list[str]:
    return [alarm.code for alarm in alarms([facts], now_ms=now_ms)]


def test_all_is_well() -> None:
    assert _codes(WELL) == []


@pytest.mark.parametrize(("silent_seconds", "codes"), [(60, []), (61, [LINK_SILENT])])
def test_a_link_that_is_silent_for_more_than_a_minute(silent_seconds: int, codes: list[str]) -> None:
    link = Link(connected=False, last_contact_ms=NOW_MS - silent_seconds * 1000)
    assert _codes(replace(WELL, link=link)) == codes


def test_a_link_that_was_never_heard_is_silent_since_it_is_watched() -> None:
    facts = replace(WELL, link=Link(), watched_since_ms=NOW_MS)
    assert _codes(facts, now_ms=NOW_MS + 60_000) == []
    assert _codes(facts, now_ms=NOW_MS + 61_000) == [LINK_SILENT]


def test_a_link_that_is_there_is_not_silent_though_its_source_brings_nothing() -> None:
    assert _codes(replace(WELL, link=Link(connected=True, last_contact_ms=NOW_MS - 90_000))) == []


@pytest.mark.parametrize(("ahead_ms", "codes"), [(60_000, []), (60_001, [CLOCK_AHEAD]), (-86_400_000, [])])
def test_a_clock_that_is_ahead_by_more_than_a_minute(ahead_ms: int, codes: list[str]) -> None:
    assert _codes(replace(WELL, ahead_ms=ahead_ms)) == codes


def test_refused_events_are_an_alarm_for_an_hour() -> None:
    facts = replace(WELL, refused_at_ms=NOW_MS)
    assert _codes(facts) == [EVENTS_REFUSED]
    assert _codes(facts, now_ms=NOW_MS + REFUSED_HOLDS_SECONDS * 1000 + 1) == []


def test_a_tail_that_was_lost_stays_an_alarm() -> None:
    assert _codes(replace(WELL, lost_tail=True)) == [LOST_TAIL]


@pytest.mark.parametrize(
    ("held", "last", "lost"), [(10, 10, False), (10, 11, False), (11, 10, True), (11, None, False)]
)
def test_a_tail_is_lost_when_more_is_held_than_there_is(held: int, last: int | None, lost: bool) -> None:
    assert has_lost_tail(Link(held=held, peers_last=last)) is lost


def test_an_alarm_names_the_peer_and_what_is_wrong() -> None:
    [alarm] = alarms([replace(WELL, ahead_ms=90_000)], now_ms=NOW_MS)
    assert alarm.region == "tokyo"
    assert alarm.message == "The clock of tokyo is 90 s ahead of ours."
