"""What is sealed is what is opened; what no command could have sealed is not opened."""

from __future__ import annotations

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import StringValue
from hypothesis import given
from hypothesis import strategies as st

from samverka.event.v1.event_pb2 import Event
from services.chassis import limits
from services.chassis.clock import hybrid
from services.chassis.envelope import (
    SCHEMA_VERSION,
    TIME_MS_MAX,
    at_ms,
    open_event,
    payload_name,
    seal,
    timestamp,
    to_ms,
)

NOW_MS = 1_700_000_000_123


def sealed(text: str = "hello", *, authored_at_ms: int = 0) -> bytes:
    return seal(
        StringValue(value=text),
        event_id="tokyo_1",
        origin="tokyo",
        actor="tokyo_2",
        occurred_at=hybrid(NOW_MS, 3),
        traceparent="00-a-b-01",
        recorded_by="tokyo_3",
        authored_at_ms=authored_at_ms,
        idempotency_key="key",
        command_digest=b"digest",
    )


def test_what_is_sealed_is_what_is_opened() -> None:
    event = open_event(sealed())

    assert event is not None
    assert (event.id, event.origin, event.actor, event.recorded_by) == ("tokyo_1", "tokyo", "tokyo_2", "tokyo_3")
    assert (event.schema_version, event.traceparent) == (SCHEMA_VERSION, "00-a-b-01")
    assert (event.idempotency_key, event.command_digest) == ("key", b"digest")
    assert payload_name(event) == "google.protobuf.StringValue"
    assert StringValue.FromString(event.payload.value).value == "hello"
    assert event.occurred_at == hybrid(NOW_MS, 3)


def test_its_author_s_time_is_when_it_was_done_unless_another_is_told() -> None:
    now, before = open_event(sealed()), open_event(sealed(authored_at_ms=1_234_567_890_123))

    assert now is not None
    assert before is not None
    assert at_ms(now) == NOW_MS
    assert not now.HasField("authored_at")
    assert at_ms(before) == 1_234_567_890_123


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff", b"garbage", sealed()[:-1], Event(id="a").SerializeToString(), Event(origin="a").SerializeToString()],
)
def test_what_is_no_event_is_not_opened(data: bytes) -> None:
    assert open_event(data) is None


def test_more_bytes_than_an_event_may_have_are_not_opened() -> None:
    room = limits.EVENT_BYTES_MAX - len(sealed("a" * 200_000)) + 200_000

    assert open_event(sealed("a" * room)) is not None
    assert open_event(sealed("a" * (room + 1))) is None


@pytest.mark.parametrize("seconds", [-1, -(2**63), 2**63 - 1, TIME_MS_MAX // 1000])
def test_a_time_that_no_calendar_has_is_not_opened(seconds: int) -> None:
    event = Event(id="a", origin="b", authored_at=Timestamp(seconds=seconds))

    assert open_event(event.SerializeToString()) is None


def test_an_occurrence_after_all_calendars_is_not_opened() -> None:
    assert open_event(Event(id="a", origin="b", occurred_at=hybrid(TIME_MS_MAX)).SerializeToString()) is None
    assert open_event(Event(id="a", origin="b", occurred_at=hybrid(TIME_MS_MAX - 1)).SerializeToString()) is not None


@given(st.binary())
def test_any_bytes_are_an_event_or_none(data: bytes) -> None:
    event = open_event(data)
    assert event is None or (event.id and 0 <= at_ms(event) < TIME_MS_MAX)


@given(st.integers(0, TIME_MS_MAX - 1))
def test_a_time_is_read_as_it_is_written(ms: int) -> None:
    assert to_ms(timestamp(ms)) == ms
