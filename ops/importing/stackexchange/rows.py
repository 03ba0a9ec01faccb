"""Rows of a dump's XML file, one at a time, each with the line it begins on.

A ``<`` cannot stand in an attribute, so ``<row`` always begins a row: the file is cut there and every row is parsed by
itself, by a parser that refuses declarations and entities. That way memory is bounded by one row, and a broken row
costs itself and not the rest of the file, as it would with one parser for the whole of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from xml.etree.ElementTree import ParseError  # the exception alone: parsing is left to defusedxml

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from ops.importing.limits import READ_BYTES, ROW_BYTES_MAX

_ROW = re.compile(rb"<row(?=[\s/>])")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Row:
    """A row that could be read; ``offset`` is the number of bytes up to its end."""

    file: str
    line: int
    offset: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A piece of the file that is no row, and why."""

    file: str
    line: int
    offset: int
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Piece:
    line: int
    offset: int
    text: bytes
    too_long: bool = False


def read_rows(path: Path) -> Iterator[Row | BrokenRow]:
    """Yield the rows of ``path`` in order. The text is read as UTF-8, whatever the file declares."""
    found: Row | BrokenRow | None = None
    piece = _Piece(1, 0, b"")
    with path.open("rb") as stream:
        for piece in _pieces(stream):
            found = None
            for found in _parse(path.name, piece):
                yield found
    if b"</" not in piece.text and not (isinstance(found, BrokenRow) or _is_empty_table(piece)):
        line = piece.line + piece.text.rstrip().count(b"\n")
        yield BrokenRow(path.name, line, piece.offset, "truncated", "The file ends before its closing tag.")


def _pieces(stream: BinaryIO) -> Iterator[_Piece]:
    """Yield what stands before the first row, then each row with what follows it."""
    buffer, line, offset = b"", 1, 0
    skipping = False  # inside a row that was too long and has been yielded already
    while chunk := stream.read(READ_BYTES):
        buffer += chunk
        start = 0
        while found := _ROW.search(buffer, start + 1):
            piece = buffer[start : found.start()]
            offset += len(piece)
            if not skipping:
                yield _Piece(line, offset, piece)
            skipping = False
            line += piece.count(b"\n")
            start = found.start()
        buffer = buffer[start:]
        if len(buffer) > ROW_BYTES_MAX:
            offset += len(buffer)
            if not skipping:
                yield _Piece(line, offset, b"", too_long=True)
            line += buffer.count(b"\n")
            buffer, skipping = b"", True
    if not skipping:
        yield _Piece(line, offset + len(buffer), buffer)


def _parse(file: str, piece: _Piece) -> Iterator[Row | BrokenRow]:
    """Yield the row of ``piece`` and what is wrong with it or after it; nothing for a good beginning of the file."""

    def broken(code: str, reason: str, line: int = 1) -> BrokenRow:
        return BrokenRow(file, piece.line + line - 1, piece.offset, code, reason)

    if piece.too_long:
        yield broken("row_too_long", f"The row is longer than {ROW_BYTES_MAX:,} bytes.")
        return
    is_row = _ROW.match(piece.text) is not None
    first = _FirstElement()
    parser = DefusedXMLParser(target=first, encoding="utf-8", forbid_dtd=True)
    fault: BrokenRow | None = None
    try:
        # The end tags of the table (and of the row, if it has one) would not match; nothing of a row stands after one.
        parser.feed(piece.text.partition(b"</")[0] if is_row else piece.text.removeprefix(_BOM))
    except DefusedXmlException:
        reason = "The file declares a document type or entities, which are not read."
        fault = broken("declarations", reason, parser.parser.CurrentLineNumber)
    except ParseError as error:
        reason = f"The XML is not well formed: {str(error).partition(':')[0]}."
        fault = broken("malformed_xml", reason, 1 if first.values is None else parser.parser.CurrentLineNumber)
    if is_row and first.values is not None:
        yield Row(file, piece.line, piece.offset, first.values)
    elif fault is None and is_row:
        fault = broken("truncated", "The file ends within the row.")
    elif fault is None and not first.name:
        fault = broken("not_a_table", "The file does not begin like a table of rows.")
    if fault is not None:
        yield fault


def _is_empty_table(piece: _Piece) -> bool:
    return not _ROW.match(piece.text) and piece.text.rstrip().endswith(b"/>")


class _FirstElement:
    """A parser's target that keeps the first start tag and forgets the rest."""

    def __init__(self) -> None:
        self.name = ""
        self.values: dict[str, str] | None = None

    def start(self, name: str, values: dict[str, str]) -> None:
        if self.values is None:
            self.name, self.values = name, values

    def end(self, name: str) -> None:
        """A row is its start tag."""

    def data(self, text: str) -> None:
        """Rows hold no text."""

    def close(self) -> None:
        """Nothing is held open."""
