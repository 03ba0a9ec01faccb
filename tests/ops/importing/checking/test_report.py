"""What a check has found, as people and as programs read it."""

from __future__ import annotations

import io
import json

from rich.console import Console

from ops.importing.checking.contents import Contents
from ops.importing.checking.report import as_json, show


def contents_of(*names: str) -> Contents:
    contents = Contents()
    contents.people.update((f"stockholm_{name}", name) for name in names)
    return contents


SOURCE = contents_of("Anna", "Bengt")
SHOWN = {"stockholm": contents_of("Anna", "Bengt"), "tokyo": contents_of("Anna")}


def test_json_tells_the_figures_and_what_differs_of_each_region() -> None:
    read = json.loads(as_json(SOURCE, SHOWN))
    assert read["equal"] is False
    assert read["source"]["people"] == 2
    assert read["regions"]["stockholm"]["equal"] is True
    assert read["regions"]["tokyo"]["figures"]["people"] == 1
    assert read["regions"]["tokyo"]["differences"] == ["not shown: Bengt (stockholm_Bengt)"]


def test_json_says_when_all_are_equal() -> None:
    assert json.loads(as_json(SOURCE, {"stockholm": SHOWN["stockholm"]}))["equal"] is True


def test_the_table_has_a_column_for_each_region_and_names_what_differs() -> None:
    out = io.StringIO()
    show(Console(file=out, width=120), SOURCE, SHOWN, title="stackexchange:ale in stockholm")
    text = out.getvalue()
    assert [word for word in ("source", "stockholm", "tokyo", "equal", "differs") if word not in text] == []
    assert "tokyo: not shown: Bengt (stockholm_Bengt)" in text
    assert "stockholm: not" not in text
