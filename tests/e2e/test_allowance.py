"""A thousand gifts at three replicas of which one is killed: the allowance holds, and what was acknowledged is there."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import grpc
import pytest

from samverka.event.v1.event_pb2 import CommandContext
from samverka.recognition.v1 import recognition_service_pb2 as pb
from samverka.recognition.v1.recognition_events_pb2 import BadgeAwarded
from samverka.recognition.v1.recognition_service_pb2_grpc import RecognitionServiceStub
from services.chassis.errors import from_status
from tests.e2e.network import Network, wait_until

if TYPE_CHECKING:  # it is in the stubs alone
    from samverka.recognition.v1.recognition_service_pb2_grpc import RecognitionServiceAsyncStub

OPTIONS = ("--replicas", "3")
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]
GIFTS, ALLOWANCE, REPLICAS = 1_000, 100, 3
KILLED = "stockholm/recognition-1"
BEFORE_KILL, ASKED_BEFORE_KILL = ALLOWANCE // 4, ALLOWANCE - 1
"""It dies when so many are acknowledged; fewer than allowed were asked for by then: it is the middle at any speed."""
ANSWER_SECONDS_MAX = 20.0
SECONDS_MAX = 180.0
AGAIN_SECONDS, TURNS_MAX = 0.5, 1_000
"""Who is told that the queue is full comes back when it is shorter, or asking is all that everybody does."""
SPENT = "allowance_spent"
NOT_NOW = {"unavailable", "log_unavailable", "draining", "deadline", "contended", "conflict", "queue_full", "behind"}
"""What whoever is killed, outrun or busy answers: the same request may succeed later."""
DEFINE = """
mutation ($limit: Int!) {
  defineBadge(input: {name: "Hand", criteria: "For help.", kind: PEER, monthlyLimit: $limit}) { badge { id } }
}
"""


async def test_a_kill_in_the_middle_exceeds_no_allowance_and_loses_no_gift(network: Network) -> None:
    badge, receiver = await define(network)
    given: list[str] = []
    refused: Counter[str] = Counter()
    async with AsyncExitStack() as stack:
        channels = [grpc.aio.insecure_channel(address) for address in network.addresses("recognition")]
        replicas = [RecognitionServiceStub(await stack.enter_async_context(channel)) for channel in channels]
        assert len(replicas) == REPLICAS
        token = network.token("anna")
        killed = asyncio.Event()

        async def give(number: int) -> None:
            context = CommandContext(idempotency_key=f"k{number}")
            award = pb.AwardBadgeRequest(context=context, badge_id=badge, receiver_id=receiver, message="Thanks")
            turn = number % REPLICAS
            gift, code = await award_until_decided([*replicas[turn:], *replicas[:turn]], award, token=token)
            if code:
                refused[code] += 1
            else:
                given.append(gift)
            if len(given) == BEFORE_KILL and not killed.is_set():
                network.kill(KILLED)
                killed.set()

        pid = network.pids()[KILLED]
        async with asyncio.TaskGroup() as gifts:
            for number in range(ASKED_BEFORE_KILL):
                gifts.create_task(give(number))
            await asyncio.wait_for(killed.wait(), SECONDS_MAX)
            for number in range(ASKED_BEFORE_KILL, GIFTS):
                gifts.create_task(give(number))

    assert (len(given), refused) == (ALLOWANCE, {SPENT: GIFTS - ALLOWANCE})
    await wait_until(lambda: network.pids().get(KILLED, pid) != pid, seconds=SECONDS_MAX)
    assert await gifts_in_log(network) == sorted(given)
    await make_anew(network, "recognition-2")
    await wait_until(lambda: hold_the_same(network), seconds=SECONDS_MAX)
    assert await gifts_shown(network, receiver) == sorted(given)


async def define(network: Network) -> tuple[str, str]:
    """Return a badge with an allowance, and somebody to get it."""
    async with (
        network.client("maja", role="community_manager") as maja,
        network.client("anna") as anna,
        network.client("bengt") as bengt,
    ):
        await anna.ask("{ viewer { id } }")
        receiver = (await bengt.ask("{ viewer { id } }"))["viewer"]["id"]
        return (await maja.ask(DEFINE, limit=ALLOWANCE))["defineBadge"]["badge"]["id"], receiver


async def award_until_decided(
    replicas: Sequence[RecognitionServiceAsyncStub], award: pb.AwardBadgeRequest, *, token: str
) -> tuple[str, str]:
    """Ask one replica after another until it is decided, whatever dies meanwhile; return the gift, or why there is none."""
    metadata = (("authorization", f"Bearer {token}"),)
    for turn in range(TURNS_MAX):
        try:
            answer = await replicas[turn % len(replicas)].AwardBadge(
                award, metadata=metadata, timeout=ANSWER_SECONDS_MAX
            )
        except grpc.aio.AioRpcError as error:
            code = from_status(error).code
            if code not in NOT_NOW:
                return "", code
            await asyncio.sleep(AGAIN_SECONDS)
        else:
            return answer.recognition.id, ""
    raise AssertionError(f"not decided: {code}")


async def gifts_in_log(network: Network) -> list[str]:
    """Return every award that stands in the log."""
    gifts = []
    for _, event in await network.events("stockholm"):
        award = BadgeAwarded()
        if event.payload.Unpack(award):
            gifts.append(award.recognition_id)
    return sorted(gifts)


async def make_anew(network: Network, replica: str) -> None:
    """Let a replica begin with nothing but the log."""
    await network.stop()
    shutil.rmtree(network.data / "stockholm" / replica)
    await network.start()


def hold_the_same(network: Network) -> bool:
    """Whether all replicas hold the same, which is no less than one holds that begins with nothing when it has caught up."""
    first, *others = [each["tables"] for each in network.digest() if each["service"] == "recognition"]
    return others == [first] * (REPLICAS - 1)


async def gifts_shown(network: Network, receiver: str) -> list[str]:
    """Return what a replica shows that somebody got."""
    got = "query ($of: ID!) { recognitions(personId: $of, first: 100) { edges { node { id } } } }"
    async with network.client("bengt") as bengt:
        page = (await bengt.ask(got, of=receiver))["recognitions"]
        return sorted(edge["node"]["id"] for edge in page["edges"])
