"""A person is erased from three regions, of which one is cut off and others are killed, and nothing of them is left."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack, aclosing

import psutil
import pytest

from samverka.event.v1.event_pb2 import Event
from samverka.network.v1.network_events_pb2 import ErasureCarriedOut, PersonForgotten
from services.network.domain.erasures import LOG, erasure_id
from tests.e2e.network import Client, Network, samverka, wait_until
from tests.support.nats import freeze

REGIONS = ("austin", "stockholm", "tokyo")
OPTIONS = ("--regions", ",".join(REGIONS))
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]
SECRETS = ("Annastina", "annastina", "wrote in confidence", "changed it in confidence", "kept at home in confidence")
CARRIES_OUT = [f"{region}/network-1" for region in REGIONS]
HELD_UP = ("austin", "tokyo")
LEAVERS, POSTS_EACH = 2, 30
SECONDS_MAX = 180.0

PROFILE = (
    'mutation { updateProfile(input: {name: "Annastina", about: "Annastina wrote in confidence"}) { errors { code } } }'
)
EDIT = "mutation ($id: ID!, $body: String!) { editPost(input: {postId: $id, body: $body}) { errors { code } } }"
LOCAL = "mutation ($body: String!) { createPost(input: {body: $body, reach: LOCAL}) { errors { code } } }"
COMMENT = "mutation ($id: ID!, $body: String!) { addComment(input: {postId: $id, body: $body}) { errors { code } } }"
REACT = 'mutation ($id: ID!) { react(input: {targetId: $id, emoji: "🌻"}) { errors { code } } }'
ERASE = "mutation ($id: ID!) { requestErasure(input: {personId: $id}) { erasure { id } errors { code } } }"
THREAD = """
query ($id: ID!) {
  post(id: $id) { body commentCount reactions { emoji } comments(first: 10) { edges { node { body author { name } } } } }
}
"""
FOUND = "query ($post: ID!, $person: ID!) { node(id: $post) { id } person(id: $person) { name } }"


async def test_nothing_of_the_person_is_left_anywhere_once_every_region_says_so(network: Network) -> None:
    async with AsyncExitStack() as stack:
        anna = await stack.enter_async_context(network.client("annastina"))
        bo = await stack.enter_async_context(network.client("bo"))
        there = {region: await stack.enter_async_context(network.client("kenji", region=region)) for region in REGIONS}
        person, post, others = await live(anna, bo)
        for client in there.values():
            await wait_until(lambda c=client: shows(c, person, post, others), seconds=SECONDS_MAX)  # type: ignore[misc]
        assert {path.relative_to(network.data).parts[0] for path in network.holding(SECRETS[2])} == set(REGIONS)
        await change_links(network, "cut")

        assert "austin: waiting" in erase(network, person, wait=False)
        await wait_until(lambda: is_done_but_in_austin(network, person), seconds=SECONDS_MAX)
        assert {path.relative_to(network.data).parts[0] for path in network.holding(SECRETS[2])} == {"austin"}

        await change_links(network, "heal")
        said = await asyncio.to_thread(erase, network, person, wait=True)
        assert said.count(": done") == len(REGIONS)
        await nothing_is_left(network, there, person, post, others)

    await network.stop()
    for folder in {path.parent for path in network.data.rglob("*.sqlite")}:
        shutil.rmtree(folder)
    await network.start()

    async with AsyncExitStack() as stack:
        there = {region: await stack.enter_async_context(network.client("kenji", region=region)) for region in REGIONS}
        for client in there.values():
            await wait_until(lambda c=client: answers(c, others), seconds=SECONDS_MAX)  # type: ignore[misc]
        await nothing_is_left(network, there, person, post, others)


async def test_who_carries_it_out_is_killed_and_each_region_says_once_that_it_is_done(network: Network) -> None:
    leavers = await asyncio.gather(*(write_much(network, f"leaver-{n}") for n in range(len(HELD_UP) * LEAVERS)))

    wanted = {(erasure_id(person), region): 1 for _, person in leavers for region in REGIONS}

    for number, held_up in enumerate(HELD_UP):
        await kill_while_they_leave(network, leavers[number * LEAVERS :][:LEAVERS], held_up=held_up)

    async def all_have_said_so() -> bool:
        return wanted.keys() <= (await receipts(network, at="stockholm")).keys()

    await wait_until(all_have_said_so, seconds=SECONDS_MAX)
    said = await receipts(network, at="stockholm")
    assert {key: count for key, count in said.items() if key in wanted} == wanted
    for handle, _ in leavers:
        assert not network.holding(f"{handle} wrote")


async def kill_while_they_leave(network: Network, leavers: Sequence[tuple[str, str]], *, held_up: str) -> None:
    """Kill who carries it out in every region, in the middle of it.

    In one region the feed stands still, so that whoever carries it out there has begun and cannot have ended: on the
    fastest machine and on the slowest.
    """
    await wait_until(lambda: all(name in network.pids() for name in CARRIES_OUT), seconds=SECONDS_MAX)
    pids = network.pids()
    feed = psutil.Process(pids[f"{held_up}/feed-1"])
    freeze(feed)
    async with network.log(held_up) as log, aclosing(log.follow(after=await log.last_sequence())) as following:
        await asyncio.gather(*(leave(network, handle, person) for handle, person in leavers))
        async with asyncio.timeout(SECONDS_MAX):
            async for entries in following:
                if any(is_purged(Event.FromString(entry.data)) for entry in entries):
                    break
        for name in CARRIES_OUT:
            os.kill(pids[name], signal.SIGKILL)
    feed.resume()
    await wait_until(lambda: runs_again(network, pids), seconds=SECONDS_MAX)


async def live(anna: Client, bo: Client) -> tuple[str, str, str]:
    """Let Anna do everything that somebody does; return her id, the id of a post of hers, and of one of Bo's."""
    person = (await anna.ask("{ viewer { id } }"))["viewer"]["id"]
    post = (await anna.create_post(f"Annastina {SECRETS[2]}", "a"))["post"]["id"]
    others = (await bo.create_post("Bo wrote", "b"))["post"]["id"]
    await anna.ask(PROFILE)
    await anna.ask(EDIT, id=post, body=f"Annastina {SECRETS[3]}")
    await anna.ask(LOCAL, body=f"Annastina {SECRETS[4]}")
    await anna.ask(COMMENT, id=others, body=f"Annastina {SECRETS[2]}")
    await anna.ask(REACT, id=others)
    await bo.ask(COMMENT, id=others, body="Bo too")
    return person, post, others


async def shows(client: Client, person: str, post: str, others: str) -> bool:
    thread = (await client.answer(THREAD, id=others)).get("data", {}).get("post")
    found = (await client.answer(FOUND, post=post, person=person)).get("data", {})
    shown = found.get("node") and (found.get("person") or {}).get("name") == "Annastina"
    return bool(thread and thread["commentCount"] == 2 and shown)


async def answers(client: Client, others: str) -> bool:
    return (await client.answer(THREAD, id=others)).get("data", {}).get("post") is not None


async def nothing_is_left(network: Network, there: dict[str, Client], person: str, post: str, others: str) -> None:
    for region, client in there.items():
        found = await client.answer(FOUND, post=post, person=person)
        assert found["data"] == {"node": None, "person": None}
        assert {error["extensions"]["code"] for error in found["errors"]} == {"post_not_found", "person_not_found"}
        thread = (await client.ask(THREAD, id=others))["post"]
        comments = [edge["node"]["body"] for edge in thread["comments"]["edges"]]
        assert (thread["commentCount"], thread["reactions"], comments) == (1, [], ["Bo too"])
        assert not [subject for subject, event in await network.events(region) if person in (subject, event.actor)]
    for secret in SECRETS:
        assert not network.holding(secret), secret


async def change_links(network: Network, how: str) -> None:
    """Cut Austin off, or heal its links."""
    changes = [("network", how, "austin", peer) for peer in REGIONS if peer != "austin"]
    await asyncio.gather(*(asyncio.to_thread(samverka, *change, data=network.data) for change in changes))


def is_done_but_in_austin(network: Network, person: str) -> bool:
    said = erase(network, person, wait=False)
    assert "austin: waiting" in said
    return "stockholm: done" in said and "tokyo: done" in said


def erase(network: Network, person: str, *, wait: bool) -> str:
    """Return what the command tells of each region."""
    return samverka("erase", person, "--region", "stockholm", "--wait" if wait else "--no-wait", data=network.data)


async def write_much(network: Network, handle: str) -> tuple[str, str]:
    """Return the handle and the id of somebody who has written much: to purge them takes a while."""
    async with network.client(handle) as client:
        for number in range(POSTS_EACH):
            made = await client.create_post(f"{handle} wrote {number}", f"{handle} {number}".replace(" ", "-"))
    return handle, str(made["post"]["author"]["id"])


async def leave(network: Network, handle: str, person: str) -> None:
    """Ask for somebody's erasure, again while who was killed before is still starting."""
    async with network.client(handle) as client:

        async def is_ordered() -> bool:
            return bool((await client.ask(ERASE, id=person))["requestErasure"]["erasure"])

        await wait_until(is_ordered, seconds=SECONDS_MAX)


def runs_again(network: Network, before: dict[str, int]) -> bool:
    now = network.pids()
    return all(now.get(name, before[name]) != before[name] for name in CARRIES_OUT)


async def receipts(network: Network, *, at: str) -> Counter[tuple[str, str]]:
    """Return how often each region has said that an erasure is carried out, as the log of one region has it."""
    said: Counter[tuple[str, str]] = Counter()
    for _, event in await network.events(at):
        if receipt := receipt_in(event):
            said[receipt.erasure_id, receipt.region] += 1
    return said


def is_purged(event: Event) -> bool:
    """Whether an event says that somebody is purged from the log, as the first of all that have to forget them."""
    forgotten = PersonForgotten()
    return event.payload.Unpack(forgotten) and forgotten.holder == LOG


def receipt_in(event: Event) -> ErasureCarriedOut | None:
    receipt = ErasureCarriedOut()
    return receipt if event.payload.Unpack(receipt) else None
