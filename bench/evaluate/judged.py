"""Test collections in SMART's form: documents, queries, and which document a judge found relevant to which query.

Cranfield's judgements name queries by their place in the file, not by the number that stands there, and their grades run
from 1, the best, to 4. One document of each query has the grade -1, which its description does not explain; it answers the
query, and counts as of the lowest grade. CISI's judgements name queries by their number, and have no grades.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_GRADES = 4


@dataclass(frozen=True, slots=True)
class Item:
    """A document, or a query, whose title is empty."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Collection:
    """What there is to find, what is asked, and of each query, by its id, what each document is worth."""

    documents: Sequence[Item]
    queries: Sequence[Item]
    gains: Mapping[str, Mapping[str, float]]


def read_cranfield(folder: Path) -> Collection:
    """Read the folder that holds ``cran.all.1400``, ``cran.qry`` and ``cranqrel``."""
    gains: dict[str, dict[str, float]] = defaultdict(dict)
    for query, document, grade in _columns(folder / "cranqrel"):
        gains[query][document] = _GRADES + 1.0 - int(grade) if int(grade) > 0 else 1.0
    queries = [
        Item(str(number), "", query.text) for number, query in enumerate(read_items(folder / "cran.qry"), start=1)
    ]
    return Collection(list(read_items(folder / "cran.all.1400")), queries, gains)


def read_cisi(folder: Path) -> Collection:
    """Read the folder that holds ``CISI.ALL``, ``CISI.QRY`` and ``CISI.REL``."""
    gains: dict[str, dict[str, float]] = defaultdict(dict)
    for query, document, *_ in _columns(folder / "CISI.REL"):
        gains[query][document] = 1.0
    return Collection(list(read_items(folder / "CISI.ALL")), list(read_items(folder / "CISI.QRY")), gains)


def read_items(file: Path) -> Iterator[Item]:
    """Yield what stands in a file of SMART's form: ``.I`` begins an item, ``.T`` its title, ``.W`` its text."""
    item, field = "", ""
    texts: dict[str, list[str]] = {}
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        mark, _, rest = line.partition(" ")
        if mark == ".I":
            if item:
                yield _item(item, texts)
            item, field, texts = str(int(rest)), "", defaultdict(list)
        elif mark in {".T", ".A", ".B", ".W", ".X", ".K", ".C", ".N"} and not rest.strip():
            field = mark
        elif field:
            texts[field].append(line)
    if item:
        yield _item(item, texts)


def _item(item: str, texts: Mapping[str, Sequence[str]]) -> Item:
    return Item(item, " ".join(texts.get(".T", ())).strip(), "\n".join(texts.get(".W", ())).strip())


def _columns(file: Path) -> Iterator[list[str]]:
    for line in file.read_text().splitlines():
        if columns := line.split():
            yield columns
