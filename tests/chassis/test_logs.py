"""A log line is one JSON object, whatever is logged."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from services.chassis.logs import EXCEPTION_CHARACTERS_MAX, JsonFormatter, install_handler

log = logging.getLogger("samverka.test")


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    made = io.StringIO()
    undo = install_handler(made, form="json", level="info", service="feed", region="stockholm")
    yield made
    undo()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_when_who_where_and_what(stream: io.StringIO) -> None:
    log.warning("read %d posts", 3, extra={"person": "stockholm_1"})
    (line,) = lines(stream)
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "warning",
        "logger": "samverka.test",
        "message": "read 3 posts",
        "service": "feed",
        "region": "stockholm",
        "person": "stockholm_1",
    }


def test_what_is_below_the_level_is_left_out(stream: io.StringIO) -> None:
    log.debug("hidden")
    assert lines(stream) == []


def test_an_exception_is_one_field(stream: io.StringIO) -> None:
    try:
        raise RuntimeError("broken\nin two lines")
    except RuntimeError:
        log.exception("failed")
    (line,) = lines(stream)
    assert "RuntimeError: broken\nin two lines" in line["exception"]


def test_a_long_exception_is_cut_at_its_beginning(stream: io.StringIO) -> None:
    try:
        raise RuntimeError("x" * EXCEPTION_CHARACTERS_MAX + "the end")
    except RuntimeError:
        log.exception("failed")
    (line,) = lines(stream)
    assert len(line["exception"]) == EXCEPTION_CHARACTERS_MAX
    assert line["exception"].endswith("the end")


def test_an_extra_field_takes_no_other_ones_place(stream: io.StringIO) -> None:
    log.info("hello", extra={"level": "fatal", "trace_id": "mine"})
    (line,) = lines(stream)
    assert (line["level"], line["extra_level"], line["extra_trace_id"]) == ("info", "fatal", "mine")


@pytest.mark.parametrize(
    "value",
    ["a\ud800b", 1 << 70, {("a", 1): 2}, object(), b"\xff", "a\nb\x00"],
    ids=["surrogate", "huge", "tuple-key", "object", "bytes", "controls"],
)
def test_what_json_cannot_hold_loses_no_line(
    stream: io.StringIO, monkeypatch: pytest.MonkeyPatch, value: object
) -> None:
    root = logging.getLogger()
    with monkeypatch.context() as patch:  # what the test runner notes itself cannot go from worker to worker
        patch.setattr(root, "handlers", root.handlers[:1])
        log.info("odd %s", value, extra={"value": value})
    (line,) = lines(stream)
    assert line["message"].startswith("odd")


def test_a_wrong_argument_loses_no_line() -> None:
    record = log.makeRecord(log.name, logging.INFO, __file__, 1, "%d posts", ("many",), None)
    assert "many" in json.loads(JsonFormatter(service="feed", region="").format(record))["message"]


def test_the_handlers_before_come_back() -> None:
    root = logging.getLogger()
    before = root.handlers[:]
    undo = install_handler(io.StringIO(), form="text", level="debug", service="feed", region="")
    assert root.handlers != before
    undo()
    assert root.handlers == before


def test_text_is_for_people() -> None:
    stream = io.StringIO()
    undo = install_handler(stream, form="text", level="info", service="feed", region="")
    log.info("listening", extra={"port": 1})
    undo()
    assert stream.getvalue().endswith("INFO    samverka.test: listening port=1\n")
