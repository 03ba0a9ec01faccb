"""Rows come out one at a time with their line, and what is broken or hostile costs only itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.importing.stackexchange import rows as module
from ops.importing.stackexchange.rows import BrokenRow, Row, read_rows
from tests.ops.importing.dumps import table

GOOD = '  <row Id="{}" Text="a &gt; b, c > d&#xA;e" />\n'


def read(tmp_path: Path, content: str | bytes) -> list[Row | BrokenRow]:
    file = tmp_path / "Things.xml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_rows(file))


def summary(found: list[Row | BrokenRow]) -> list[tuple[int, str]]:
    return [(row.line, row.values["Id"] if isinstance(row, Row) else row.code) for row in found]


def test_rows_are_read_with_their_lines_and_values(tmp_path: Path) -> None:
    found = read(tmp_path, "\ufeff<?xml version='1.0'?>\n<things>\n" + GOOD.format(1) + GOOD.format(2) + "</things>\n")
    assert summary(found) == [(3, "1"), (4, "2")]
    assert isinstance(found[0], Row)
    assert found[0].values["Text"] == "a > b, c > d\ne"
    assert found[0].file == "Things.xml"


def test_the_last_offset_is_the_size_of_the_file(tmp_path: Path) -> None:
    found = read(tmp_path, table("things", [{"Id": "1"}, {"Id": "2"}]))
    assert found[-1].offset == (tmp_path / "Things.xml").stat().st_size


@pytest.mark.parametrize("read_bytes", [1, 2, 3, 7, 64])
def test_rows_are_the_same_however_the_file_is_cut_while_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read_bytes: int
) -> None:
    content = "<things>\n" + GOOD.format(1) + '<row Id="2"\n  Text="two\nlines"></row>' + GOOD.format(3) + "</things>"
    monkeypatch.setattr(module, "READ_BYTES", read_bytes)
    assert summary(read(tmp_path, content)) == [(2, "1"), (3, "2"), (5, "3")]


@pytest.mark.parametrize(
    "bad",
    [
        '<row Id="2" Text="a < b" />',
        '<row Id="2" Text="a & b" />',
        '<row Id="2" Text="\x01" />',
        '<row Id="2" Text="&#x1;" />',
        '<row Id="2" Id="2" />',
        "<row Id=2 />",
        '<row Id="2" Text="&bomb;" />',
        '<row Id="2" Text="never closed />',
    ],
)
def test_a_broken_row_is_named_by_its_line_and_the_rest_is_read(tmp_path: Path, bad: str) -> None:
    found = read(tmp_path, "<things>\n" + GOOD.format(1) + bad + "\n" + GOOD.format(3) + "</things>\n")
    assert [line for line, _ in summary(found)] == [2, 3, 4]
    assert isinstance(found[1], BrokenRow)
    assert summary(found)[2] == (4, "3")


def test_what_stands_between_rows_and_is_none_is_named_by_its_line(tmp_path: Path) -> None:
    found = read(tmp_path, "<things>\n" + GOOD.format(1) + '<raw Id="2" />\n' + GOOD.format(3) + "</things>\n")
    assert summary(found) == [(2, "1"), (3, "malformed_xml"), (4, "3")]


def test_bytes_that_are_not_utf_8_cost_their_row(tmp_path: Path) -> None:
    found = read(tmp_path, b'<things>\n<row Id="1" Text="\xff\xfe" />\n<row Id="2" />\n</things>')
    assert summary(found) == [(2, "malformed_xml"), (3, "2")]


def test_entity_bombs_are_refused(tmp_path: Path) -> None:
    bomb = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">\n' for n in range(1, 10))
    content = f'<?xml version="1.0"?>\n<!DOCTYPE t [\n<!ENTITY l0 "lol">\n{bomb}]>\n<things>\n'
    found = read(tmp_path, content + '<row Id="1" Text="&l9;" />\n' + GOOD.format(2) + "</things>")
    assert summary(found) == [(2, "declarations"), (15, "malformed_xml"), (16, "2")]


def test_external_entities_are_refused(tmp_path: Path) -> None:
    content = '<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<things><row Id="1" Text="&x;" /></things>'
    assert summary(read(tmp_path, content)) == [(1, "declarations"), (2, "malformed_xml")]


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        ("", [(2, "1"), (2, "truncated")]),
        ('  <row Id="2" Te', [(2, "1"), (3, "truncated")]),
        ('  <row Id="2" Text="half', [(2, "1"), (3, "truncated")]),
        ("  <ro", [(2, "1"), (3, "malformed_xml")]),
    ],
)
def test_a_file_that_was_cut_off_says_where(tmp_path: Path, ending: str, expected: list[tuple[int, str]]) -> None:
    assert summary(read(tmp_path, "<things>\n" + GOOD.format(1) + ending)) == expected


@pytest.mark.parametrize("content", ["<things />", "<things></things>", '<?xml version="1.0"?>\n<things>\n</things>\n'])
def test_an_empty_table_has_no_rows(tmp_path: Path, content: str) -> None:
    assert read(tmp_path, content) == []


@pytest.mark.parametrize("content", ["", "not XML", "<things>"])
def test_a_file_that_is_no_table_is_refused_once(tmp_path: Path, content: str) -> None:
    [only] = read(tmp_path, content)
    assert isinstance(only, BrokenRow)


def test_a_row_that_is_too_long_is_refused_without_being_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROW_BYTES_MAX", 200)
    monkeypatch.setattr(module, "READ_BYTES", 64)
    long = f'<row Id="2" Text="{"x" * 2_000}" />\n'
    found = read(tmp_path, "<things>\n" + GOOD.format(1) + long + GOOD.format(3) + "</things>\n")
    assert summary(found) == [(2, "1"), (3, "row_too_long"), (4, "3")]
