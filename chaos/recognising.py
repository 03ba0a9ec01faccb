"""How people of the load recognise each other: thanks, badges with a small allowance, awards that come all at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from chaos.writer import Writer

VALUES = ("Care", "Craft", "Courage")
THANKED_MAX = 3
LIMITS = range(2, 7)
"""Of badges: so small that somebody meets it soon."""
AWARDS_AT_ONCE = 5
_RECOGNITION = "recognition { id }"


async def name_manager(writer: Writer, manager: str) -> bool:
    """Say who leads somebody, and may read what they were recognised for; False while nobody knows them."""
    return await writer.write("updateProfile", {"managerId": manager}, "person { id }") is not None


async def define_badge(writer: Writer) -> bool:
    """Define a badge, if somebody may."""
    if writer.own.defines:
        given = {
            "name": writer.say("likes", searched=False),
            "criteria": "For help.",
            "kind": "PEER",
            "value": writer.chance.choice(VALUES),
            "monthlyLimit": writer.chance.choice(LIMITS),
        }
        made = await writer.write("defineBadge", given, "badge { id }", made=lambda told: str(told["badge"]["id"]))
        if made:
            writer.board.badges.append(made)
    return writer.own.defines


async def thank(writer: Writer) -> bool:
    """Thank one or several people, before everybody or among themselves."""
    others = _others(writer)
    if others:
        receivers = writer.chance.sample(others, k=min(len(others), writer.chance.randint(1, THANKED_MAX)))
        value = {"value": writer.chance.choice(VALUES)} if writer.chance.random() < 0.5 else {}
        await _give(writer, "giveThanks", {"receiverIds": receivers, **value})
    return bool(others)


async def award(writer: Writer) -> bool:
    """Award one badge several times at once; what is beyond the allowance has to be refused, whichever that is."""
    badge, others = writer.some(list(writer.board.badges)), _others(writer)
    if badge is None or not others:
        return False
    awards = [{"badgeId": badge, "receiverId": writer.chance.choice(others)} for _ in range(AWARDS_AT_ONCE)]
    await asyncio.gather(*(_give(writer, "awardBadge", award) for award in awards))
    return True


async def withdraw(writer: Writer) -> bool:
    gift = writer.some(writer.own.gifts)
    if gift is not None:
        writer.own.gifts.remove(gift)
        await writer.write("withdrawRecognition", {"recognitionId": gift}, "withdrawnRecognitionId")
    return gift is not None


def _others(writer: Writer) -> list[str]:
    return [person for person in writer.board.people if person != writer.id]


async def _give(writer: Writer, field: str, given: Mapping[str, object]) -> None:
    visibility = writer.chance.choice(("PUBLIC", "PUBLIC", "PRIVATE"))
    given = {**given, "message": writer.say("thanks", searched=False), "visibility": visibility}
    made = await writer.write(field, given, _RECOGNITION, made=lambda told: str(told["recognition"]["id"]))
    if made:
        writer.own.gifts.append(made)
