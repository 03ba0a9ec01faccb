"""Whether what is local stays at home: no other region's files hold a byte of it."""

from __future__ import annotations

import mmap
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from chaos.findings import Finding, Kind

_ENTRY_ID = b"Samverka-Entry-Id: "
"""Among the headers of an entry, which stand before what it says."""
_ID = rb"%s_[0-7][0-9A-HJKMNP-TV-Z]{25}"


def check_residency(
    data: Path, regions: Collection[str], *, marks: Mapping[str, bytes], ids: Mapping[str, Collection[str]]
) -> Iterator[Finding]:
    """Yield where something local was found; ``marks`` and ``ids`` are, for each region, what is its own alone.

    A mark stands in every local text of a region. It must be found at home: a search that would find nothing anywhere
    proves nothing.
    """
    for home, mark in marks.items():
        if not any(holds(file, mark) for file in files(data / home)):
            yield Finding(Kind.LEAK, home, "local content is not even found at home, so the search says nothing")
        for other in sorted(set(regions) - {home}):
            for file in files(data / other):
                if holds(file, mark):
                    yield Finding(Kind.LEAK, other, f"{file} holds text that is local to {home}")
                for found in sorted(_ids_in(file, home) & set(ids.get(home, ()))):
                    yield Finding(Kind.LEAK, other, f"{file} holds {found}, which is local to {home}")


def files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder that hold anything."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and path.stat().st_size)


def holds(file: Path, mark: bytes) -> bool:
    """Whether a byte string stands anywhere in a file."""
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(mark) >= 0


def entries_with(block: Path, mark: bytes) -> set[bytes]:
    """Return the ids of the entries in a block of a log that have a byte string in them."""
    found, at = set[bytes](), -1
    with block.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        while (at := content.find(mark, at + 1)) >= 0:
            begin = content.rfind(_ENTRY_ID, 0, at)
            found.add(content[begin : content.find(b"\r", begin)])
    return found


def _ids_in(file: Path, region: str) -> set[str]:
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return {found.decode() for found in set(re.findall(_ID % region.encode(), content))}
