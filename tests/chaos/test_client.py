"""Facts about a frontend that does not let go of a write before it knows what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import orjson
import pytest

from chaos import client as clients
from chaos.client import Client, NotAnswered, Write

POST = Write("createPost", {"body": "hello"}, "post { id }")
Answer = Callable[[], httpx.Response]


def made() -> httpx.Response:
    return httpx.Response(200, json={"data": {"createPost": {"post": {"id": "stockholm_P"}, "errors": []}}})


def refused(code: str) -> Answer:
    return lambda: httpx.Response(200, json={"data": {"createPost": {"post": None, "errors": [{"code": code}]}}})


def failed(code: str) -> Answer:
    return lambda: httpx.Response(503, json={"errors": [{"extensions": {"code": code}}]})


def broken() -> httpx.Response:
    raise httpx.ReadError("reset")


def torn() -> httpx.Response:
    return httpx.Response(502, text="<html>")


class Region:
    """Gives these answers, one after the other, and keeps what was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.asked: list[dict[str, object]] = []
        self._answers: Iterator[Answer] = iter(answers)

    def client(self) -> Client:
        return Client(httpx.AsyncClient(base_url="http://region", transport=httpx.MockTransport(self._answer)))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(orjson.loads(request.content)["variables"]["input"])
        return next(self._answers)()


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "_AGAIN_SECONDS", 0.0)


async def test_a_write_is_repeated_under_its_key_until_it_is_acknowledged() -> None:
    region = Region(broken, torn, failed("unavailable"), refused("behind"), made)

    outcome = await region.client().write(POST, "key-1")

    assert outcome.payload["post"]["id"] == "stockholm_P"
    assert (outcome.code, outcome.attempts) == ("", 5)
    assert region.asked == [{"body": "hello", "idempotencyKey": "key-1"}] * 5


async def test_what_is_refused_for_good_is_not_repeated() -> None:
    region = Region(refused("post_not_found"), made)

    outcome = await region.client().write(POST, "key-1")

    assert (outcome.code, len(region.asked)) == ("post_not_found", 1)


async def test_what_is_done_and_hidden_meanwhile_is_acknowledged() -> None:
    region = Region(broken, refused("not_shown"), made)

    outcome = await region.client().write(POST, "key-1")

    assert (outcome.code, outcome.shown, len(region.asked)) == ("", False, 2)


async def test_what_is_not_there_is_null_and_not_asked_for_again() -> None:
    errors = [{"extensions": {"code": "post_not_found"}}]
    region = Region(lambda: httpx.Response(200, json={"data": {"post": None}, "errors": errors}))

    assert await region.client().ask("query ($input: ID) { post(id: $input) { id } }", input={}) == {"post": None}


async def test_what_is_never_acknowledged_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "WRITE_SECONDS_MAX", 0.05)

    with pytest.raises(NotAnswered, match="unavailable"):
        await Region(*[failed("unavailable")] * 100_000).client().write(POST, "key-1")
