"""The balance, as people and as programs read it."""

from __future__ import annotations

import io
import json

from rich.console import Console

from ops.importing.balance import Balance, Refusal
from ops.importing.report import as_json, show


def some_balance() -> Balance:
    balance = Balance()
    for _ in range(20):
        balance.read("votes")
    balance.imported("votes")
    balance.skip("votes", "bookmark")
    balance.skip("votes", "bookmark")
    for line in range(30, 13, -1):
        balance.refuse(Refusal("votes", "Votes.xml", line, "5", "unknown_parent", "Post 9 is not in the dump."))
    balance.made["voters"] = 3
    return balance


def test_json_holds_every_count_and_every_refused_line() -> None:
    read = json.loads(as_json(some_balance(), source="stackexchange:ale", region="stockholm", seconds=2.0))
    assert read["balanced"] is True
    assert read["records"]["votes"] == {"read": 20, "imported": 1, "skipped": {"bookmark": 2}, "refused": 17}
    assert read["total"] == read["records"]["votes"]
    assert read["made"] == {"voters": 3}
    assert sorted(refusal["line"] for refusal in read["refusals"]) == list(range(14, 31))
    assert read["refusals"][0]["code"] == "unknown_parent"
    assert (read["refusals_unlisted"], read["records_per_second"]) == (0, 10.0)


def test_json_says_when_it_does_not_add_up() -> None:
    balance = some_balance()
    balance.read("votes")
    read = json.loads(as_json(balance, source="stackexchange:ale", region="stockholm", seconds=2.0))
    assert read["balanced"] is False
    assert read["faults"] == ["votes: 21 read, but 20 imported, skipped or refused"]


def test_the_table_names_reasons_and_lines_in_order() -> None:
    out = io.StringIO()
    show(Console(file=out, width=120), some_balance(), source="stackexchange:ale", region="stockholm", seconds=2.0)
    text = out.getvalue()
    assert "bookmark 2" in text
    assert "3 voters" in text
    assert "Votes.xml line 14, 15, 16" in text
    assert "and 5 more" in text
    assert "20 records in 2.0 s" in text
