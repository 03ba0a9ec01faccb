"""The scalars of the schema beyond GraphQL's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

DateTime = NewType("DateTime", int)
"""Milliseconds since 1970 in here, ISO 8601 out there."""

BigInt = NewType("BigInt", int)
"""A count or a number of an event; GraphQL's Int ends at 31 bits."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso(milliseconds: int) -> str:
    """Return the time in ISO 8601, UTC, with milliseconds: ``2024-05-01T12:00:00.000Z``."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC).isoformat()[:19]}.{rest:03}Z"


def milliseconds(moment: object) -> int:
    """Return the milliseconds since 1970 of a moment in ISO 8601. Raises GraphQLError, also where it has no time zone."""
    try:
        at = datetime.fromisoformat(str(moment))
    except ValueError:
        raise GraphQLError("That is not a moment in ISO 8601.") from None
    if at.tzinfo is None:
        raise GraphQLError("A moment needs a time zone, such as Z.")
    return (at - _EPOCH) // timedelta(milliseconds=1)


def scalar_map() -> dict[object, ScalarDefinition]:
    """Return how Python's types appear as scalars."""
    return {
        DateTime: strawberry.scalar(
            name="DateTime",
            description="A moment in ISO 8601, UTC, with milliseconds, such as 2024-05-01T12:00:00.000Z.",
            serialize=iso,
            parse_value=milliseconds,
        ),
        BigInt: strawberry.scalar(name="BigInt", description="A whole number from 0 to 2^53.", serialize=int),
    }
