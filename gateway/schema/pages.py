"""What the parts of the schema share: nodes, pages, and how a message becomes the type that shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVar, cast

import strawberry
from google.protobuf.message import Message

from gateway import limits
from gateway.compiling import computed
from gateway.context import Context
from gateway.schema.measuring import measured, measured_stream
from samverka.feed.v1 import feed_views_pb2 as feed_views
from services.chassis import limits as chassis_limits
from services.chassis.errors import SamverkaError

Info: TypeAlias = strawberry.Info[Context, None]
T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

COST = "samverka.cost"
"""Key in a field's metadata: what it costs, where that is not 1."""
CALL = {COST: limits.COST_OF_CALL}


@strawberry.interface(description="Something with an id that is unique everywhere, and names the region it belongs to.")
class Node:
    id: strawberry.ID


def _end_cursor(page: strawberry.Parent[feed_views.PageInfo]) -> str | None:
    return page.end_cursor or None


def _start_cursor(page: strawberry.Parent[feed_views.PageInfo]) -> str | None:
    return page.start_cursor or None


@strawberry.type(description="Where a page begins and ends, and whether there is more.")
class PageInfo:
    has_next_page: bool
    has_previous_page: bool = strawberry.field(description="Whether the page was asked for after a cursor.")
    start_cursor: str | None = computed(_start_cursor)
    end_cursor: str | None = computed(_end_cursor, description="Pass it as after to get the next page.")


def field(description: str) -> Callable[[F], F]:
    """Make a resolver that calls a service a field of the root; its type is nullable (ADR 0033)."""
    made = cast("Callable[[F], F]", strawberry.field(description=description, metadata=CALL))
    return lambda resolver: made(measured(resolver))


def mutation(description: str) -> Callable[[F], F]:
    """Make a resolver that sends a service a command a mutation."""
    made = cast("Callable[[F], F]", strawberry.mutation(description=description, metadata=CALL))
    return lambda resolver: made(measured(resolver, payload=True))


def subscription(description: str) -> Callable[[F], F]:
    """Make a generator that watches a service a subscription."""
    made = cast("Callable[[F], F]", strawberry.subscription(description=description, metadata=CALL))
    return lambda generator: made(measured_stream(generator))


def as_type(kind: type[T], message: Message) -> T:
    """Return ``message`` as the schema type that shows it: its fields are read straight off the message."""
    return cast("T", message)


@contextmanager
def by_id() -> Iterator[None]:
    """Let errors about the id that the block is called with name the argument ``id``, whatever the service calls it."""
    try:
        yield
    except SamverkaError as error:
        if error.field.endswith("_id"):
            error.field = "id"
        raise


def page_size(first: int | None) -> int:
    """Return the number of items asked for, the default if none was."""
    return chassis_limits.PAGE_ITEMS_DEFAULT if first is None else first
