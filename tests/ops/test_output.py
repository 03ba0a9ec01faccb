"""Facts about the lines on the terminal."""

from __future__ import annotations

import io

from rich.console import Console

from ops.output import Output


def _write(text: str) -> str:
    stream = io.StringIO()
    Output(Console(file=stream, highlight=False, width=40), ["stockholm/feed-1", "issuer"]).line("issuer", text)
    return stream.getvalue()


def test_a_line_begins_with_the_name_of_who_said_it() -> None:
    assert _write("hello") == "issuer           │ hello\n"


def test_a_long_line_stays_one_line() -> None:
    assert _write("word " * 50).count("\n") == 1


def test_what_looks_like_markup_is_shown_as_it_is() -> None:
    assert "[red]hello[/red]" in _write("[red]hello[/red]")


def test_a_terminal_is_not_made_to_obey_what_a_log_line_holds() -> None:
    assert "\x1b" not in _write("\x1b[2J\x1b]0;title\x07")


def test_one_who_comes_later_has_a_column_and_a_colour_of_its_own() -> None:
    stream = io.StringIO()
    output = Output(
        Console(file=stream, highlight=False, width=80, force_terminal=True, color_system="standard"), ["a"]
    )
    output.expect(["stockholm/network-1"])
    output.line("a", "first")
    output.line("stockholm/network-1", "second")
    first, second = stream.getvalue().splitlines()
    assert "a                   │ " in first
    assert first.split("a")[0] != second.split("stockholm")[0]
