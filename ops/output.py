"""Lines on the terminal: each with the name of the process that said it, in a colour of its own."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

_COLOURS = ("cyan", "green", "magenta", "yellow", "blue", "bright_cyan", "bright_green", "bright_magenta")
_OWN_NAME = "samverka"
# A log line may hold what people wrote; a terminal must not obey it.
_CONTROLS = {code: "�" for code in (*range(32), *range(127, 160)) if chr(code) != "\t"}


class Output:
    """Writes to ``console``; ``names`` are the processes that will speak."""

    def __init__(self, console: Console, names: list[str]) -> None:
        self._console = console
        self._width = len(_OWN_NAME)
        self._colours: dict[str, str] = {}
        self.expect(names)

    def expect(self, names: Iterable[str]) -> None:
        """Give a colour to each of more processes that will speak."""
        for name in names:
            self._colours[name] = _COLOURS[len(self._colours) % len(_COLOURS)]
            self._width = max(self._width, len(name))

    def line(self, name: str, text: str) -> None:
        """Write one line that a process said."""
        self._write(name, self._colours.get(name, "white"), Text(text.translate(_CONTROLS)))

    def note(self, text: str, *, style: str = "bold") -> None:
        """Write what ``samverka`` itself has to say, each line of it with the prefix."""
        for line in text.splitlines():
            self._write(_OWN_NAME, "bold white", Text(line, style=style))

    def plain(self, text: str) -> None:
        """Write ``text`` without a prefix, to be copied."""
        self._console.print(Text(text), soft_wrap=True)

    def _write(self, name: str, colour: str, text: Text) -> None:
        prefix = Text(f"{name:<{self._width}} │ ", style=colour)
        self._console.print(prefix + text, soft_wrap=True)
