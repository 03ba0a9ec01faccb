"""The envelope around an event: sealed by the command that makes it, opened where it is applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from google.protobuf.message import DecodeError, Message
from google.protobuf.timestamp_pb2 import Timestamp

from samverka.event.v1.event_pb2 import Event
from services.chassis import limits
from services.chassis.clock import physical_ms

SCHEMA_VERSION = 1
TIME_MS_MAX = 253_402_300_800_000
"""The year 10000: from then on neither a protobuf timestamp nor a calendar can tell the time."""

Payload = TypeVar("Payload", bound=Message, covariant=True)


@dataclass(frozen=True, slots=True)
class Fact(Generic[Payload]):
    """An event as a projection applies it.

    ``sequence`` is its place in this region's log, ``origin_sequence`` that in its origin's when it was first written,
    ``at_ms`` when its author did it (milliseconds since 1970), ``owner`` the person, group or region whose register it
    stands in, and ``local`` whether it never leaves this region.
    """

    sequence: int
    origin_sequence: int
    id: str
    origin: str
    actor: str
    at_ms: int
    payload: Payload
    owner: str
    local: bool


def seal(
    payload: Message,
    *,
    event_id: str,
    origin: str,
    actor: str,
    occurred_at: int,
    traceparent: str = "",
    recorded_by: str = "",
    authored_at_ms: int = 0,
    idempotency_key: str = "",
    command_digest: bytes = b"",
) -> bytes:
    """Return the bytes of an event; ``occurred_at`` is a hybrid timestamp, ``authored_at_ms`` 0 if it is that time too."""
    event = Event(
        id=event_id,
        origin=origin,
        actor=actor,
        occurred_at=occurred_at,
        schema_version=SCHEMA_VERSION,
        traceparent=traceparent,
        recorded_by=recorded_by,
        idempotency_key=idempotency_key,
        command_digest=command_digest,
    )
    event.payload.Pack(payload)
    if authored_at_ms:
        event.authored_at.CopyFrom(timestamp(authored_at_ms))
    return event.SerializeToString()


def open_event(data: bytes) -> Event | None:
    """Return the event in ``data``, or None if it holds none that a command could have sealed."""
    if len(data) > limits.EVENT_BYTES_MAX:
        return None
    try:
        event = Event.FromString(data)
    except DecodeError:
        return None
    if not event.id or not event.origin or physical_ms(event.occurred_at) >= TIME_MS_MAX:
        return None
    return event if 0 <= at_ms(event) < TIME_MS_MAX else None


def payload_name(event: Event) -> str:
    """Return the full name of the payload's type, such as ``samverka.feed.v1.PostPublished``."""
    return event.payload.type_url.rpartition("/")[2]


def at_ms(event: Event) -> int:
    """Return when the author did it, in milliseconds since 1970."""
    if event.HasField("authored_at"):
        return to_ms(event.authored_at)
    return physical_ms(event.occurred_at)


def to_ms(time: Timestamp) -> int:
    """Return a protobuf timestamp as milliseconds since 1970, whatever numbers it holds."""
    return time.seconds * 1000 + time.nanos // 1_000_000


def timestamp(ms: int) -> Timestamp:
    """Return ``ms`` since 1970 as a protobuf timestamp."""
    return Timestamp(seconds=ms // 1000, nanos=ms % 1000 * 1_000_000)
