"""Facts about the check of the logs: a planted loss, duplicate, reorder and leak is found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from chaos.findings import Finding, Kind
from chaos.streams import Entry, check_logs, check_unmoved

Logs = dict[str, list[Entry]]


def own(region: str, sequence: int, *, reach: str = "pub") -> Entry:
    return Entry(
        sequence=sequence,
        subject=f"ev.{region}.{reach}.feed.{region}_ANNA",
        entry_id=f"{region}_{sequence}",
        origin="",
        origin_sequence=0,
        sha256=f"content {region} {sequence}",
    )


def sourced(entry: Entry, sequence: int) -> Entry:
    """Return an entry as it stands in the log of another region."""
    return replace(entry, sequence=sequence, origin=f"EV_{entry.region.upper()}", origin_sequence=entry.sequence)


def logs() -> Logs:
    """Return the logs of two regions that have what they must have; one entry is local to stockholm."""
    theirs = [own("stockholm", 1), own("stockholm", 2, reach="local"), own("stockholm", 3), own("stockholm", 4)]
    mine = own("tokyo", 2)
    return {
        "stockholm": [*theirs, sourced(mine, 5)],
        "tokyo": [sourced(theirs[0], 1), mine, sourced(theirs[2], 3), sourced(theirs[3], 4)],
    }


def found(changed: Logs) -> list[Finding]:
    return list(check_logs(changed))


def test_logs_that_have_everything_in_order_are_right() -> None:
    assert found(logs()) == []


def lose(tokyo: list[Entry]) -> None:
    del tokyo[2]


def lose_the_tail(tokyo: list[Entry]) -> None:
    del tokyo[3]


def double(tokyo: list[Entry]) -> None:
    tokyo.append(replace(tokyo[0], sequence=5))


def double_under_another_sequence(tokyo: list[Entry]) -> None:
    tokyo.append(replace(tokyo[0], sequence=5, origin_sequence=5))


def reorder(tokyo: list[Entry]) -> None:
    tokyo[2], tokyo[3] = replace(tokyo[3], sequence=3), replace(tokyo[2], sequence=4)


def leak(tokyo: list[Entry]) -> None:
    tokyo[2:2] = [sourced(own("stockholm", 2, reach="local"), 3)]


def change(tokyo: list[Entry]) -> None:
    tokyo[2] = replace(tokyo[2], sha256="other content")


def forge(tokyo: list[Entry]) -> None:
    tokyo.append(replace(own("stockholm", 5), entry_id="stockholm_forged"))


def strip(tokyo: list[Entry]) -> None:
    tokyo[1] = replace(tokyo[1], entry_id="")


@pytest.mark.parametrize(
    ("plant", "kinds"),
    [
        (lose, {Kind.LOST}),
        (lose_the_tail, {Kind.LOST}),
        (double, {Kind.TWICE, Kind.ORDER}),
        (double_under_another_sequence, {Kind.TWICE, Kind.SURPLUS}),
        (reorder, {Kind.ORDER}),
        (leak, {Kind.LEAK, Kind.SURPLUS}),
        (change, {Kind.CHANGED}),
        (forge, {Kind.SURPLUS}),
        (strip, {Kind.CHANGED}),
    ],
)
def test_a_planted_mistake_is_found(plant: Callable[[list[Entry]], None], kinds: set[Kind]) -> None:
    planted = logs()
    plant(planted["tokyo"])

    assert {finding.kind for finding in found(planted) if finding.region == "tokyo"} == kinds


def test_a_log_that_holds_more_than_before_is_found() -> None:
    held = {
        region: Counter(entry.region for entry in entries if entry.reach == "pub") for region, entries in logs().items()
    }
    assert list(check_unmoved(logs(), held)) == []

    held["tokyo"]["stockholm"] += 1
    assert [(finding.kind, finding.region) for finding in check_unmoved(logs(), held)] == [(Kind.TWICE, "tokyo")]
