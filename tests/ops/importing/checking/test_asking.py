"""A gateway is asked again while it can answer later, and not longer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ops.failure import Failure
from ops.importing.checking.asking import Asking
from ops.importing.limits import ASK_AGAIN_SECONDS, ASKED_TIMES_MAX
from tests.ops.importing.runs import Patience


def error(code: str, message: str = "No.") -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code}}], "data": None}


async def ask(answer: Callable[[httpx.Request], httpx.Response], patience: Patience) -> dict[str, Any]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://gateway") as client:
        asking = Asking(client, region="tokyo", token=lambda: "t", sleep=patience.sleep)
        return await asking("query ($id: ID!) { person(id: $id) { id } }", id="tokyo_A")


async def test_what_may_be_answered_later_is_asked_again() -> None:
    answers = iter([error("too_many_requests"), error("behind"), {"data": {"person": {"id": "tokyo_A"}}}])
    patience = Patience()
    assert await ask(lambda _: httpx.Response(200, json=next(answers)), patience) == {"person": {"id": "tokyo_A"}}
    assert patience.slept == [ASK_AGAIN_SECONDS, ASK_AGAIN_SECONDS]


async def test_patience_ends() -> None:
    patience = Patience()
    with pytest.raises(Failure, match=r"tokyo does not answer: Slowly\."):
        await ask(lambda _: httpx.Response(429, json=error("too_many_requests", "Slowly.")), patience)
    assert len(patience.slept) == ASKED_TIMES_MAX


async def test_who_is_not_there_is_an_answer() -> None:
    nobody = {**error("person_not_found"), "data": {"person": None}}
    assert await ask(lambda _: httpx.Response(200, json=nobody), Patience()) == {"person": None}


@pytest.mark.parametrize(
    "response",
    [
        lambda: httpx.Response(200, json=error("query_too_costly")),
        lambda: httpx.Response(401, json=error("token_expired")),
        lambda: httpx.Response(502, text="Bad gateway"),
    ],
)
async def test_what_is_no_answer_is_a_failure_at_once(response: Callable[[], httpx.Response]) -> None:
    patience = Patience()
    with pytest.raises(Failure, match="tokyo does not answer"):
        await ask(lambda _: response(), patience)
    assert patience.slept == []


async def test_nobody_at_the_address_is_a_failure() -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(Failure, match=r"tokyo does not answer: ConnectError\."):
        await ask(refuse, Patience())
