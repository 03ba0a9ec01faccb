"""People who use the network: each does one thing after the other, through the rpcs of their region's services."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random

from samverka.profile.v1 import profile_service_pb2 as profile
from simulation.calling import Client, Refusal, caller_of
from simulation.doings import DOINGS, Doing, groups
from simulation.reference import Reference
from simulation.reference.people import Person
from simulation.regions import Region
from simulation.trace import Trace

_PAUSE_SECONDS_MAX = 1.5
_BEGINS_IN_A_GROUP = 0.7
_KINDS = [do for do, _ in DOINGS]


class Member(Client):
    """One person."""

    async def live(self, commands: int, weights: Sequence[float]) -> None:
        """Sign in, and do ``commands`` things, each kind as often as its weight says; most begin in a group."""
        await self.sign_in()
        doings = self.chance.choices(_KINDS, weights, k=commands)
        if self.chance.random() < _BEGINS_IN_A_GROUP:
            doings[0] = groups.create
        for do in doings:
            await asyncio.sleep(self.chance.random() * _PAUSE_SECONDS_MAX)
            if not await self.attempt(do):
                return

    async def attempt(self, do: Doing) -> bool:
        """Do one thing, or be refused; return whether they can go on, which who is erased cannot."""
        try:
            done = await do(self)
        except Refusal as refusal:
            if self.erased:
                return False
            done = f"refused: {refusal}"
        if done:
            self.trace.note(self.caller.subject, done)
        return True

    async def sign_in(self) -> None:
        answer = await self.must("profile", "SignIn", profile.SignInRequest(), keyed=False)
        shown = answer.person
        self.reference.people[self.id] = Person(self.id, shown.region, shown.handle, shown.name, self.caller.subject)
        self.trace.note(self.caller.subject, f"signed in as {shown.handle}@{shown.region}, {self.id}")


def member(
    subject: str, handle: str, *, role: str, region: Region, reference: Reference, trace: Trace, chance: Random
) -> Member:
    """Return somebody at home in a region, who has not signed in yet."""
    return Member(region, caller_of(region.name, subject, handle=handle, role=role), reference, trace, chance)
