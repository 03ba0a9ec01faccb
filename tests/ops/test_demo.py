"""Facts about the demo: it hangs together, and loading it again asks for nothing new."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from ops.demo import Loader, directions
from ops.demo_content import BADGE, PEOPLE, POSTS, THANKS, Comment, Post
from ops.dirs import DataDir
from ops.failure import Failure

HANDLES = {person.handle for person in PEOPLE}
TOKENS = {handle: f"token-of-{handle}" for handle in HANDLES}


def _written() -> Iterator[Post | Comment]:
    for post in POSTS:
        yield post
        yield from post.comments


def test_keys_are_unique() -> None:
    keys = [written.key for written in _written()]
    assert len(set(keys)) == len(keys)


def test_everybody_who_is_mentioned_is_there() -> None:
    authors = {written.author for written in _written()}
    reacting = {handle for written in _written() for handles in written.reactions.values() for handle in handles}
    followed = {handle for person in PEOPLE for handle in person.follows}
    gifts = (*THANKS, *BADGE.awards)
    recognising = {handle for gift in gifts for handle in (gift.giver, *gift.receivers)} | {BADGE.definer}
    assert authors | reacting | followed | recognising <= HANDLES
    assert all(gift.giver not in gift.receivers for gift in gifts)
    assert "community_manager" in next(person.roles for person in PEOPLE if person.handle == BADGE.definer)
    assert all(person.handle not in person.follows for person in PEOPLE)


class Recorder:
    """A gateway that answers yes to everything and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.profiles: dict[str, dict[str, str]] = {}
        self.seen: list[str] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        who = request.headers["authorization"].removeprefix("Bearer token-of-")
        self.seen.append(request.headers.get("samverka-after", ""))
        position = {"samverka-position": f"e1:{len(self.seen)}"}
        body = json.loads(request.content)
        if body["query"].startswith("query"):
            profile = self.profiles.get(who, {"title": "", "about": ""})
            return httpx.Response(200, json={"data": {"viewer": {"id": f"id-of-{who}", **profile}}}, headers=position)
        given = body["variables"]["input"]
        if "title" in given:
            self.profiles[who] = {"title": given["title"], "about": given["about"]}
        self.asked.append((who, given))
        payload = {"post": {"id": "p"}, "comment": {"id": "c"}, "badge": {"id": "b"}, "errors": []}
        return httpx.Response(200, json={"data": {"mutation": payload}}, headers=position)


async def _load(recorder: Recorder) -> list[tuple[str, dict[str, str]]]:
    recorder.asked = []
    async with httpx.AsyncClient(transport=httpx.MockTransport(recorder.answer), base_url="http://127.0.0.1") as client:
        await Loader(client, TOKENS).load(PEOPLE, POSTS, THANKS, BADGE)
    return recorder.asked


async def test_nobody_uses_a_key_twice() -> None:
    used = [(who, given["idempotencyKey"]) for who, given in await _load(Recorder())]
    assert len(set(used)) == len(used)


async def test_loading_again_asks_the_same_with_the_same_keys() -> None:
    recorder = Recorder()
    first = await _load(recorder)
    again = await _load(recorder)
    assert again == [asked for asked in first if asked[1]["idempotencyKey"] != "demo-profile"]


async def test_each_request_stands_on_what_the_one_before_did() -> None:
    recorder = Recorder()
    await _load(recorder)
    assert recorder.seen[:3] == ["", "e1:1", "e1:2"]


async def test_a_refusal_is_told_in_one_line() -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"errors": [{"message": "Not now."}]})

    async with httpx.AsyncClient(transport=httpx.MockTransport(refuse), base_url="http://127.0.0.1") as client:
        with pytest.raises(Failure, match=r"maja: Not now\.$"):
            await Loader(client, TOKENS).load(PEOPLE, POSTS, THANKS, BADGE)


def test_the_directions_can_be_pasted(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = DataDir.at(tmp_path_factory.mktemp("a path"))
    text = directions("stockholm", "http://127.0.0.1:8080", data, "TOKEN")
    assert f"--data '{data.root}'" in text
    (line,) = [line for line in text.splitlines() if line.startswith("curl ")]
    assert json.loads(line.split(" -d ")[1].strip("'"))["query"].startswith("query HomeFeed")
