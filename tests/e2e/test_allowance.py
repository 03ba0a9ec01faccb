"""A replica is killed while a giver awards more than they may: the allowance holds, and what was acknowledged is there."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

import httpx
import pytest

from tests.e2e.network import LOOK_SECONDS, Client, Network, wait_until

OPTIONS = ("--replicas", "3")
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]
GIFTS, ALLOWANCE = 60, 20
DEFINE = """
mutation {
  defineBadge(input: {name: "Hand", criteria: "For help.", kind: PEER, monthlyLimit: 20}) { badge { id } }
}
"""
AWARD = """
mutation ($badge: ID!, $to: ID!, $key: String!) {
  awardBadge(input: {badgeId: $badge, receiverId: $to, message: "Thanks", idempotencyKey: $key}) {
    recognition { id } errors { code }
  }
}
"""
GOT = "query ($of: ID!) { recognitions(personId: $of, first: 100) { edges { node { id } } } }"


async def test_a_kill_in_the_middle_exceeds_no_allowance_and_loses_no_gift(network: Network) -> None:
    async with (
        network.client("maja", role="community_manager") as maja,
        network.client("anna") as anna,
        network.client("bengt") as bengt,
    ):
        badge = (await maja.ask(DEFINE))["defineBadge"]["badge"]["id"]
        receiver = (await bengt.ask("{ viewer { id } }"))["viewer"]["id"]
        given: list[str] = []
        ends: Counter[str] = Counter()
        pid = network.pids()["stockholm/recognition-1"]

        async def give(number: int) -> None:
            end = await award_until_decided(anna, badge=badge, to=receiver, key=f"k{number}")
            ends[end.partition(" ")[0]] += 1
            if end.startswith("given "):
                given.append(end.partition(" ")[2])

        async with asyncio.TaskGroup() as gifts:
            for number in range(GIFTS):
                gifts.create_task(give(number))
            await wait_until(lambda: len(given) > 0, seconds=30)
            assert len(given) < ALLOWANCE, "it is killed in the middle"
            network.kill("stockholm/recognition-1")

        await wait_until(lambda: network.pids().get("stockholm/recognition-1", pid) != pid, seconds=60)
        got = [edge["node"]["id"] for edge in (await bengt.ask(GOT, of=receiver))["recognitions"]["edges"]]
        assert ends == {"given": ALLOWANCE, "allowance_spent": GIFTS - ALLOWANCE}
        assert sorted(got) == sorted(given)


async def award_until_decided(giver: Client, *, badge: str, to: str, key: str) -> str:
    """Send the same request until it is decided, whatever dies meanwhile: "given" and the id, or why not."""
    while True:
        try:
            answer = await giver.answer(AWARD, badge=badge, to=to, key=key)
        except (httpx.TransportError, json.JSONDecodeError):
            answer = {}
        payload = (answer.get("data") or {}).get("awardBadge") or {}
        if payload.get("recognition"):
            return f"given {payload['recognition']['id']}"
        if [error["code"] for error in payload.get("errors", ())] == ["allowance_spent"]:
            return "allowance_spent"
        await asyncio.sleep(LOOK_SECONDS)
