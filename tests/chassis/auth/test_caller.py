"""The caller of a call, and nobody else's."""

from __future__ import annotations

import asyncio

import pytest

from services.chassis.auth import Caller, current_caller, require_role, with_caller
from services.chassis.errors import Forbidden, Unauthenticated


def caller(handle: str, *roles: str) -> Caller:
    return Caller(
        person_id=f"stockholm_{handle}",
        issuer="https://login.example.test",
        subject=handle,
        handle=handle,
        name=handle.title(),
        roles=frozenset(roles),
        expires_at=2_000_000_000,
        token="secret.secret.secret",
    )


def test_without_a_caller_nobody_asks() -> None:
    with pytest.raises(Unauthenticated) as caught:
        current_caller()
    assert caught.value.code == "token_missing"


def test_a_token_is_not_shown() -> None:
    assert "secret" not in repr(caller("anna"))


async def test_calls_at_the_same_time_have_callers_of_their_own() -> None:
    everybody_in = asyncio.Barrier(2)

    async def ask(handle: str) -> str:
        with with_caller(caller(handle)):
            await everybody_in.wait()
            return current_caller().handle

    assert list(await asyncio.gather(ask("anna"), ask("kenji"))) == ["anna", "kenji"]
    with pytest.raises(Unauthenticated):
        current_caller()


def test_one_of_the_roles_is_enough() -> None:
    with with_caller(caller("anna", "member", "moderator")):
        assert require_role("admin", "moderator").handle == "anna"
        with pytest.raises(Forbidden) as caught:
            require_role("importer")
    assert caught.value.code == "role_missing"
