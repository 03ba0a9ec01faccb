"""The journal: every write that was acknowledged, in the order in which each person had the acknowledgement.

It is a file of its own, one JSON object a line, written before the next write of that person is sent, or the next ones
where they are sent at once. What it says is what every region has to show in the end. What a rule refused stands there
too: it has to have been right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson

UNNAMED = "unnamed "
"""How the name begins of what was made and of which nobody was told the id."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One write: by whom (their id) and where, as it was sent, and the id of what it made.

    ``made`` is empty for what makes nothing, and for what had gone from sight by then, such as a comment whose post was
    deleted or thanks to somebody who was erased: it is there, and nobody was told under which id.

    ``at_seconds`` is since the run began; ``attempts`` is how often it was sent under its key.
    """

    region: str
    person: str
    field: str
    input: Mapping[str, Any]
    key: str
    made: str
    at_seconds: float
    attempts: int

    @property
    def name(self) -> str:
        """The id of what was made or, where nobody was told it, a name that nothing else has."""
        return self.made or f"{UNNAMED}{self.person} {self.key}"


@dataclass(frozen=True, slots=True)
class Refused:
    """A write that a rule forbade, by its code."""

    region: str
    person: str
    field: str
    input: Mapping[str, Any]
    code: str
    at_seconds: float


class Journal:
    """Keeps what is noted, in memory and on disk."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.entries: list[Acknowledged] = []
        self.refusals: list[Refused] = []

    def note(self, entry: Acknowledged) -> None:
        self.entries.append(entry)
        self._write(entry)

    def note_refusal(self, refusal: Refused) -> None:
        self.refusals.append(refusal)
        self._write(refusal)

    def _write(self, entry: Acknowledged | Refused) -> None:
        self._file.write(orjson.dumps(asdict(entry)) + b"\n")
        self._file.flush()

    def __len__(self) -> int:
        return len(self.entries)


@contextmanager
def open_journal(path: Path) -> Iterator[Journal]:
    """Give a journal that is kept in ``path``."""
    with path.open("ab") as file:
        yield Journal(file)
