"""Every record is accounted for, or the balance says so."""

from __future__ import annotations

import pytest

from ops.importing import balance as module
from ops.importing.balance import Balance, Refusal


def refusal(line: int) -> Refusal:
    return Refusal("votes", "Votes.xml", line, "1", "unknown_parent", "Not there.")


def test_a_record_that_was_read_and_not_concluded_is_a_fault() -> None:
    balance = Balance()
    for _ in range(4):
        balance.read("votes")
    balance.imported("votes")
    balance.skip("votes", "bookmark")
    balance.refuse(refusal(3))
    assert balance.faults() == ["votes: 4 read, but 3 imported, skipped or refused"]
    balance.imported("votes")
    assert balance.faults() == []


def test_a_record_that_was_concluded_and_never_read_is_a_fault() -> None:
    balance = Balance()
    balance.imported("users")
    assert balance.faults() == ["users: 0 read, but 1 imported, skipped or refused"]


def test_the_total_is_the_sum_over_the_kinds() -> None:
    balance = Balance()
    for kind in ("users", "votes"):
        balance.read(kind)
        balance.skip(kind, "bookmark")
    total = balance.total()
    assert (total.read, total.imported, dict(total.skipped), total.refused) == (2, 0, {"bookmark": 2}, 0)


def test_refusals_past_the_bound_are_counted_and_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REFUSALS_LISTED_MAX", 2)
    balance = Balance()
    for line in range(5):
        balance.refuse(refusal(line))
    assert balance.total().refused == 5
    assert [listed.line for listed in balance.refusals] == [0, 1]
