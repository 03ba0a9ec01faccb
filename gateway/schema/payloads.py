"""What every mutation does the same way: its idempotency key, and errors that are part of its answer."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

import strawberry

from gateway.errors import client_field, told
from gateway.schema.pages import Info

T = TypeVar("T")
_EMPTY = " "


@strawberry.type(description="Why a mutation had no effect. Programs may rely on the code.")
class UserError:
    code: str
    message: str
    field: str | None = strawberry.field(description="The field of the input that is wrong, if one is.")


def idempotency_key(info: Info, given: str | None) -> str:
    """Return the client's key, or a fresh one: a request that is repeated without one has its effect twice.

    An empty key, which the services would take for none, is made one that they refuse.
    """
    return info.context.backend.ids.new() if given is None else given or _EMPTY


async def attempt(info: Info, work: Awaitable[T]) -> tuple[T | None, list[UserError]]:
    """Return what ``work`` returns, or else the error that it raised, as the payload tells it."""
    try:
        return await work, []
    except Exception as error:  # what a client may know of it is decided in one place
        shown = told(error)
        return None, [UserError(code=shown.code, message=shown.message, field=client_field(shown.field) or None)]
    finally:
        info.context.remember_position()
