"""Resolvers of root fields, measured: how often, for how long, and in which errors they end."""

from __future__ import annotations

import functools
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any, TypeVar, cast

from gateway.errors import code_of

F = TypeVar("F", bound=Callable[..., Any])


def measured(resolver: F, *, payload: bool = False) -> F:
    """Return the resolver of a query's or a mutation's root field, measured; ``payload``: it returns one, with errors."""

    @functools.wraps(resolver)
    async def resolve(*args: Any, **named: Any) -> Any:
        info = named["info"]
        meters, clock = info.context.backend.meters, info.context.backend.clock
        began, code = clock.monotonic_seconds(), "cancelled"
        try:
            found = await resolver(*args, **named)
            code = next((error.code for error in found.errors), "") if payload else ""
            return found
        except Exception as error:
            code = code_of(error)
            raise
        finally:
            meters.field(name=info.field_name, code=code, seconds=clock.monotonic_seconds() - began)

    return cast("F", resolve)


def measured_stream(generator: F) -> F:
    """Return the generator of a subscription's root field, measured: what it sends, and the error that it ends in."""

    @functools.wraps(generator)
    async def generate(*args: Any, **named: Any) -> AsyncGenerator[Any, None]:
        info = named["info"]
        meters, name = info.context.backend.meters, info.field_name
        try:
            async with aclosing(generator(*args, **named)) as items:
                async for item in items:
                    meters.update(name=name)
                    yield item
        except Exception as error:
            meters.failure(name=name, code=code_of(error))
            raise

    return cast("F", generate)
