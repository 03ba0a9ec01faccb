"""All people of the load: they sign in, write at once in all regions, and are waited for."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from functools import partial
from random import Random

from chaos import admitting, leaving, moderation, recognising
from chaos.board import Board
from chaos.client import Client
from chaos.findings import Finding
from chaos.journal import Journal
from chaos.people import post_on, write_on
from chaos.samverka import Network, wait_until
from chaos.writer import Writer

GETS_ON_SECONDS_MAX = 150.0
"""After any fault everybody is acknowledged again within this; a supervisor that was killed starts twenty processes."""
PAUSE_SECONDS = 0.02
"""Between two writes of one person: the network is loaded, and has something left to recover with."""
ERASED_SECONDS_MAX = 300.0
"""So long after all links are healed every region must have forgotten who was erased: some seconds on a quiet machine."""


class Crowd:
    """The people, and the tasks in which they write."""

    def __init__(self, network: Network, journal: Journal, *, chance: Random) -> None:
        self.board = Board()
        self.people: list[Writer] = []
        self.readers: dict[str, Client] = {}
        """In each region somebody who writes nothing and sees what everybody sees."""
        self._network = network
        self._journal = journal
        self._chance = str(chance.random())
        self._begun = asyncio.get_running_loop().time()
        self._writing: dict[str, asyncio.Task[None]] = {}
        """By person."""
        self._erasures: dict[Writer, str] = {}
        """The id of each person's who was erased."""
        self._admins: list[Client] = []

    async def settle(self, region: str, *, people: int, leavers: int = 0) -> None:
        """Have people sign in who are at home in ``region``, more who are erased one day, and one who only reads."""
        made = await asyncio.gather(
            self._sign_in(region, "writer-0", "community_manager"),
            *(self._sign_in(region, f"writer-{number}") for number in range(1, people)),
            *(self._sign_in(region, f"leaver-{number}") for number in range(leavers)),
        )
        made[0].own.defines = True
        self.board.leavers |= {person.id for person in made[people:]}
        self.people += made
        self.board.people += [person.id for person in made]
        token = await self._network.token(region, "reader")
        self.readers[region] = Client.at(self._network.url(region), token)
        await self.readers[region].ask("{ viewer { id } }")
        await recognising.define_badge(made[0])

    async def appoint(self, region: str) -> None:
        """Have an admin sign in, who is told how far erasures have come."""
        self._admins.append(Client.at(self._network.url(region), await self._network.token(region, "admin", "admin")))

    async def gather(self, region: str, moderating: str) -> None:
        """Have a group made in ``region`` whose moderator lives in another one, and a local one that its owner moderates.

        The moderator leads the people of ``region``, too.
        """
        owner, moderator = self._first_of(region), self._first_of(moderating)
        local = await moderation.create_group(owner, local=True)
        owner.own.moderates.append(local.group)
        shared = await moderation.create_group(owner)

        async def joined() -> bool:
            return await moderation.join(moderator, shared)

        async def made() -> bool:
            return await moderation.make_moderator(owner, moderator, shared.group)

        async def known() -> bool:
            return await moderation.moderates(moderator.client, shared.group)

        for condition in (joined, made, known):
            await wait_until(condition, seconds=GETS_ON_SECONDS_MAX)
        moderator.own.moderates.append(shared.group)
        await self._lead(region, moderator)
        await self._confide(owner, moderator)

    async def _confide(self, owner: Writer, moderator: Writer) -> None:
        """Have a private group made whose moderator lives in another region, and decides alone who is let in."""
        circle = await admitting.create_circle(owner)

        async def known() -> bool:
            return await moderation.moderates(moderator.client, circle.group)

        for condition in (
            partial(admitting.ask_into, moderator, circle),
            partial(admitting.approve, owner, circle, moderator.id),
            partial(moderation.make_moderator, owner, moderator, circle.group),
            known,
        ):
            await wait_until(condition, seconds=GETS_ON_SECONDS_MAX)
        circle.moderator = moderator.id

    async def _lead(self, region: str, manager: Writer) -> None:
        """Have the people of ``region`` say who leads them."""
        led = (partial(recognising.name_manager, person, manager.id) for person in self._of(region))
        await asyncio.gather(*(wait_until(named, seconds=GETS_ON_SECONDS_MAX) for named in led))

    def begin(self, region: str) -> None:
        """Let the people of ``region`` write."""
        for person in self._of(region):
            writing = write_on(person, pause_seconds=PAUSE_SECONDS)
            self._writing[person.id] = asyncio.create_task(writing, name=f"{person.handle} of {region}")

    async def erase(self, region: str, *, by_operator: bool) -> None:
        """Have somebody of ``region`` erased who is to leave, by an operator or as they ask for it themselves."""
        leaver = next(each for each in self._of(region) if each.id in self.board.leavers and not each.done.is_set())
        leaver.done.set()
        await self._writing.pop(leaver.id)

        erasure = "" if by_operator else await leaving.ask_to_be_erased(leaver)

        async def ordered() -> bool:
            self._erasures[leaver] = erasure or await leaving.have_erased(self._network, leaver)
            return bool(self._erasures[leaver])

        await wait_until(ordered, seconds=GETS_ON_SECONDS_MAX)

    @property
    def erased(self) -> list[Writer]:
        """Who was erased."""
        return list(self._erasures)

    @property
    def staying(self) -> list[Writer]:
        """Who was not."""
        return [person for person in self.people if person not in self._erasures]

    async def wait_forgotten(self) -> None:
        """Wait until every region has said that it has forgotten all who were erased; TimeoutError if one has not."""

        async def forgotten() -> bool:
            regions, (admin, *_) = self._network.regions, self._admins
            return all([await leaving.is_done(admin, erasure, regions) for erasure in self._erasures.values()])

        await wait_until(forgotten, seconds=ERASED_SECONDS_MAX)

    async def flood(self, region: str, *, people: int, events: int) -> str:
        """Have others post in ``region`` as fast as it takes it, until that is ``events`` more; return one of the last."""
        writers = await asyncio.gather(*(self._sign_in(region, f"flood-{number}") for number in range(people)))
        self.people += writers
        self.board.people += [writer.id for writer in writers]
        goal = self.acknowledged_in(region) + events
        posting = [asyncio.create_task(post_on(writer)) for writer in writers]
        try:
            while self.acknowledged_in(region) < goal:
                _raise_failures(posting)
                await asyncio.sleep(0.1)
        finally:
            for writer in writers:
                writer.done.set()
            await asyncio.gather(*posting)
        return writers[-1].own.posts[-1].post

    async def everybody_gets_on(self, writes: int) -> None:
        """Wait until everybody who writes has had ``writes`` more acknowledged; TimeoutError if somebody has not."""
        wanted = {person: person.acknowledged + writes for person in self.people if not person.done.is_set()}

        async def got_on() -> bool:
            _raise_failures(self._writing.values())
            return all(person.acknowledged >= count for person, count in wanted.items())

        await wait_until(got_on, seconds=GETS_ON_SECONDS_MAX)

    async def stop(self) -> None:
        """Have everybody bring to its end what they have begun."""
        for person in self.people:
            person.done.set()
        await asyncio.gather(*self._writing.values())
        self._writing.clear()

    async def close(self) -> None:
        for task in self._writing.values():
            task.cancel()
        await asyncio.gather(*self._writing.values(), return_exceptions=True)
        clients = [*self.readers.values(), *self._admins, *(person.client for person in self.people)]
        await asyncio.gather(*(client.close() for client in clients))

    def acknowledged_in(self, region: str) -> int:
        return sum(person.acknowledged for person in self._of(region))

    def findings(self) -> list[Finding]:
        """Return what was answered that nobody could have foreseen."""
        return [finding for person in self.people for finding in person.findings]

    def codes(self) -> Counter[str]:
        """Return how often each code was answered."""
        return sum((person.client.answers for person in self.people), Counter())

    def _of(self, region: str) -> list[Writer]:
        return [person for person in self.people if person.region == region]

    def _first_of(self, region: str) -> Writer:
        return self._of(region)[0]

    async def _sign_in(self, region: str, handle: str, *roles: str) -> Writer:
        client = Client.at(self._network.url(region), await self._network.token(region, handle, *roles))
        clock = asyncio.get_running_loop().time
        return Writer(
            region=region,
            handle=handle,
            person_id=(await client.ask("{ viewer { id } }"))["viewer"]["id"],
            client=client,
            journal=self._journal,
            board=self.board,
            chance=Random(f"{self._chance} {handle} of {region}"),
            clock=lambda: clock() - self._begun,
        )


def _raise_failures(tasks: Iterable[asyncio.Task[None]]) -> None:
    for task in tasks:
        if task.done() and not task.cancelled() and (failure := task.exception()) is not None:
            raise failure
