"""What regions say of themselves, as a test puts it into a log."""

from __future__ import annotations

from google.protobuf.message import Message

from samverka.network.v1.network_events_pb2 import (
    ErasureCarriedOut,
    ErasureOrdered,
    LogMended,
    LostTailFound,
    OriginPosition,
    RegionReported,
)
from services.chassis.ids import region_actor
from services.network.domain.erasures import erasure_id
from tests.support.services import Region


def report(region: str, **positions: int) -> RegionReported:
    origins = [OriginPosition(origin=name, sequence=number) for name, number in positions.items()]
    return RegionReported(region=region, origins=origins, applied_sequence=1)


async def say_report(region: Region, origin: str, **positions: int) -> None:
    """Let the region ``origin`` report."""
    await say(region, origin, report(origin, **positions))


async def say_order(region: Region, person: str, *, origin: str) -> None:
    """Let ``origin`` order a person's erasure."""
    await say(region, origin, ErasureOrdered(erasure_id=erasure_id(person), person_id=person))


async def say_receipt(region: Region, person: str, *, origin: str) -> None:
    """Let ``origin`` say that it has carried out a person's erasure."""
    receipt = ErasureCarriedOut(erasure_id=erasure_id(person), region=origin, purged_events=1)
    await say(region, origin, receipt)


async def say_loss(region: Region, peer: str, *, held: int, origin: str) -> None:
    """Let ``origin`` say that it holds more of ``peer`` than there is."""
    await say(region, origin, LostTailFound(region=origin, peer=peer, held_sequence=held))


async def say_mended(region: Region, *, through: int, origin: str) -> None:
    """Let ``origin`` say that it has mended its log."""
    await say(region, origin, LogMended(region=origin, through_sequence=through))


async def say(region: Region, origin: str, fact: Message) -> None:
    """Let ``origin`` say something of itself."""
    await region.assert_fact(fact, actor=region_actor(origin), origin=origin, service="network", owner=origin)
