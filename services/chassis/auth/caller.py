"""The person who makes a call, carried through it by a context variable."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field

from services.chassis.errors import Forbidden, Unauthenticated

ROLES = frozenset({"member", "community_manager", "moderator", "sponsor", "admin", "importer"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as their token says it; ``expires_at`` is seconds since 1970."""

    person_id: str
    issuer: str
    subject: str
    handle: str
    name: str
    roles: frozenset[str]
    expires_at: int
    # Passed on to the next service; not shown, so that it never comes into a log.
    token: str = field(repr=False)


_current: ContextVar[Caller | None] = ContextVar("samverka_caller", default=None)


def current_caller() -> Caller:
    """Return who makes this call; Unauthenticated if nobody is known."""
    caller = _current.get()
    if caller is None:
        raise Unauthenticated("Sign in first.", code="token_missing")
    return caller


class with_caller:  # noqa: N801 - a function to those who use it; a class, for a generator takes twice as long, with every call
    """Make ``caller`` the one who asks, within the block."""

    __slots__ = ("_caller", "_token")

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def __enter__(self) -> Caller:
        self._token = _current.set(self._caller)
        return self._caller

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


def require_role(*roles: str) -> Caller:
    """Return the caller if they have one of ``roles``; Forbidden otherwise."""
    caller = current_caller()
    if caller.roles.isdisjoint(roles):
        wanted = " or ".join(roles)
        raise Forbidden(f"That needs the role {wanted}.", code="role_missing", detail=f"person {caller.person_id}")
    return caller
