"""Carries an import out: people, questions, answers, comments, votes, acceptances, parents before children.

Within a step records go out side by side, those of one author one after another: each is planned as it is read, and
carried out in its author's lane.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from ops.importing.balance import Balance, Refusal
from ops.importing.client import Client
from ops.importing.lanes import Lanes
from ops.importing.limits import WAITING_RECORDS_PER_LANE
from ops.importing.progress import Watcher
from ops.importing.scratch import Scratch
from ops.importing.stackexchange import mapping
from ops.importing.stackexchange.mapping import MalformedError, Skipped
from ops.importing.stackexchange.people import People
from ops.importing.stackexchange.planning import Plan, Planned, Plans, left_out
from ops.importing.stackexchange.rows import Row, read_rows
from services.chassis.errors import Conflict, Exhausted, Gone, Invalid, NotFound

NEEDED_FILES = ("Users.xml", "Posts.xml")
UNUSED_FILES = {
    "Badges.xml": "badges",
    "PostHistory.xml": "post history",
    "PostLinks.xml": "post links",
    "Tags.xml": "tags",
}
_QUESTIONS, _ANSWERS, _OTHER_POSTS, _ACCEPTANCES = "questions", "answers", "other posts", "acceptances"
_REFUSALS = (Invalid, NotFound, Gone, Conflict, Exhausted)
"""What the service means by no to this one record; gone is what came in with an earlier run and was deleted since.
Any other error concerns them all and ends the import."""


class Import:
    """One run over one community's folder."""

    def __init__(
        self,
        *,
        folder: Path,
        source: str,
        client: Client,
        scratch: Scratch,
        balance: Balance,
        watcher: Watcher,
        concurrency: int,
    ) -> None:
        self._folder = folder
        self._client = client
        self._scratch = scratch
        self._balance = balance
        self._watcher = watcher
        self._concurrency = concurrency
        people = People(source=source, client=client, scratch=scratch, balance=balance)
        self._plans = Plans(source=source, client=client, scratch=scratch, people=people)

    async def run(self) -> None:
        """Read everything and send it. Raises, in an ExceptionGroup, what no single record is to blame for."""
        await self._each("users", "Users.xml", self._plans.person)
        await self._questions()
        await self._answers()
        await self._each("comments", "Comments.xml", self._plans.comment)
        await self._each("votes", "Votes.xml", self._plans.vote)
        await self._acceptances()
        for file, kind in UNUSED_FILES.items():
            await self._each(kind, file, left_out)

    async def _each(self, kind: str, file: str, plan: Plan) -> None:
        """Carry out a step over a file that holds one kind of record."""
        async with self._step() as lanes:
            for row in self._rows(kind, file, broken_as=kind):
                self._balance.read(kind)
                await self._take(lanes, kind, row, plan)

    async def _questions(self) -> None:
        """Read the posts for the first time: all are counted, and all but the answers concluded."""
        async with self._step() as lanes:
            for row in self._rows(_QUESTIONS, "Posts.xml", broken_as=_OTHER_POSTS):
                match row.values.get("PostTypeId"):
                    case "1":
                        self._balance.read(_QUESTIONS)
                        await self._take(lanes, _QUESTIONS, row, self._plans.question)
                    case "2":
                        self._balance.read(_ANSWERS)
                    case _:
                        self._balance.read(_OTHER_POSTS)
                        await self._take(lanes, _OTHER_POSTS, row, self._plans.other_post)

    async def _answers(self) -> None:
        """Read the posts again, for the answers, now that every question has its place."""
        async with self._step() as lanes:
            for row in self._rows(_ANSWERS, "Posts.xml", broken_as=""):
                if row.values.get("PostTypeId") == "2":
                    await self._take(lanes, _ANSWERS, row, self._plans.answer)

    async def _acceptances(self) -> None:
        """Read the posts once more, now that every answer has its place and the votes have told when it was accepted."""
        async with self._step() as lanes:
            for row in self._rows(_ACCEPTANCES, "Posts.xml", broken_as=""):
                if row.values.get("PostTypeId") == "1" and row.values.get("AcceptedAnswerId"):
                    self._balance.read(_ACCEPTANCES)
                    await self._take(lanes, _ACCEPTANCES, row, self._plans.acceptance)

    @asynccontextmanager
    async def _step(self) -> AsyncIterator[Lanes]:
        """Yield lanes; once they are empty, what comes next may stand on what they did."""
        waiting_max = self._concurrency * WAITING_RECORDS_PER_LANE
        async with Lanes(width=self._concurrency, waiting_max=waiting_max) as lanes:
            yield lanes
        self._client.settle()

    def _rows(self, step: str, file: str, *, broken_as: str) -> Iterator[Row]:
        """Yield the good rows of ``file``, if it is there; broken ones count as ``broken_as``, if not empty."""
        path = self._folder / file
        if not path.exists():
            return
        total_bytes = path.stat().st_size
        for row in read_rows(path):
            self._watcher.at(step, done_bytes=row.offset, total_bytes=total_bytes)
            if isinstance(row, Row):
                yield row
            elif broken_as:
                self._balance.read(broken_as)
                self._balance.refuse(Refusal(broken_as, file, row.line, "", row.code, row.reason))

    async def _take(self, lanes: Lanes, kind: str, row: Row, plan: Plan) -> None:
        """Plan the record of ``row`` and put it into its lane, or conclude at once that it stays out."""
        await asyncio.sleep(0)  # reading must not keep the replies waiting
        try:
            key = mapping.number(row.values, "Id")
            counted_in = kind if kind == _ACCEPTANCES else row.file  # its row has been taken once, as a question's
            if not self._scratch.first_time(counted_in, key):
                raise MalformedError("duplicate_key", "An earlier row has the same Id.")
            planned = plan(row.values)
        except MalformedError as fault:
            self._refuse(kind, row, fault.code, str(fault))
            return
        if isinstance(planned, Skipped):
            self._balance.skip(kind, planned.reason)
        else:
            await lanes.submit(planned.lane, partial(self._carry_out, kind, row, planned))

    async def _carry_out(self, kind: str, row: Row, planned: Planned) -> None:
        try:
            await planned.act()
        except _REFUSALS as error:
            self._refuse(kind, row, error.code, error.message)
        else:
            self._balance.imported(kind)

    def _refuse(self, kind: str, row: Row, code: str, reason: str) -> None:
        self._balance.refuse(Refusal(kind, row.file, row.line, row.values.get("Id", ""), code, reason))
