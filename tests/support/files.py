"""Reads what a running process keeps in a directory, whose files come and go meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def files_with(text: bytes, directory: Path) -> Iterator[Path]:
    """Yield the files below a directory in which ``text`` stands."""
    for folder, _, names in os.walk(directory):  # which passes over folders that have gone
        for path in (Path(folder, name) for name in names):
            with suppress(FileNotFoundError):
                if path.is_file() and text in path.read_bytes():
                    yield path
