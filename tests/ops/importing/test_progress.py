"""Progress is drawn on a terminal, and nowhere else."""

from __future__ import annotations

import io

from rich.console import Console

from ops.importing.progress import watched


def drawn(*, terminal: bool) -> str:
    out = io.StringIO()
    with watched(Console(file=out, force_terminal=terminal, width=100, color_system=None)) as watcher:
        watcher.at("users", done_bytes=50, total_bytes=100)
        watcher.at("users", done_bytes=100, total_bytes=100)
        watcher.at("votes", done_bytes=25, total_bytes=100)
    return out.getvalue()


def test_each_step_has_a_bar_with_its_rows() -> None:
    text = drawn(terminal=True)
    assert "users" in text
    assert "100%" in text
    assert "2 rows" in text
    assert "25%" in text


def test_nothing_is_drawn_into_a_file() -> None:
    assert drawn(terminal=False) == ""
