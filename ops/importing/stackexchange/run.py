"""Carries an import out: people, questions, answers, comments, votes, acceptances, parents before children.

Within a step records go out side by side, those of one author one after another. Each is planned as it is read (what it
means, where its parent is now) and carried out in its author's lane.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from ops.importing.balance import Balance, Refusal
from ops.importing.client import Authorship, Client
from ops.importing.lanes import Lanes
from ops.importing.limits import WAITING_RECORDS_PER_LANE
from ops.importing.progress import Watcher
from ops.importing.scratch import Place, Scratch
from ops.importing.stackexchange import mapping
from ops.importing.stackexchange.mapping import MalformedError, Skipped, Values
from ops.importing.stackexchange.people import Author, People
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


@dataclass(frozen=True, slots=True)
class Planned:
    """A record that is ready to go: the lane it keeps its place in, and what to do."""

    lane: str
    act: Callable[[], Awaitable[object]]


Plan = Callable[[Values], Planned | Skipped]


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
        self._source = source
        self._client = client
        self._scratch = scratch
        self._balance = balance
        self._watcher = watcher
        self._concurrency = concurrency
        self._people = People(source=source, client=client, scratch=scratch, balance=balance)

    async def run(self) -> None:
        """Read everything and send it. Raises, in an ExceptionGroup, what no single record is to blame for."""
        await self._each("users", "Users.xml", self._plan_person)
        await self._questions()
        await self._answers()
        await self._each("comments", "Comments.xml", self._plan_comment)
        await self._each("votes", "Votes.xml", self._plan_vote)
        await self._acceptances()
        for file, kind in UNUSED_FILES.items():
            await self._each(kind, file, _leave_out)

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
                        await self._take(lanes, _QUESTIONS, row, self._plan_question)
                    case "2":
                        self._balance.read(_ANSWERS)
                    case _:
                        self._balance.read(_OTHER_POSTS)
                        await self._take(lanes, _OTHER_POSTS, row, self._plan_other_post)

    async def _answers(self) -> None:
        """Read the posts again, for the answers, now that every question has its place."""
        async with self._step() as lanes:
            for row in self._rows(_ANSWERS, "Posts.xml", broken_as=""):
                if row.values.get("PostTypeId") == "2":
                    await self._take(lanes, _ANSWERS, row, self._plan_answer)

    async def _acceptances(self) -> None:
        """Read the posts once more, now that every answer has its place and the votes have told when it was accepted."""
        async with self._step() as lanes:
            for row in self._rows(_ACCEPTANCES, "Posts.xml", broken_as=""):
                if row.values.get("PostTypeId") == "1" and row.values.get("AcceptedAnswerId"):
                    self._balance.read(_ACCEPTANCES)
                    await self._take(lanes, _ACCEPTANCES, row, self._plan_acceptance)

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

    def _plan_person(self, values: Values) -> Planned:
        person = mapping.person(values)
        return Planned(person.key, partial(self._people.add, person))

    def _plan_question(self, values: Values) -> Planned:
        self._scratch.put_post(mapping.number(values, "Id"))  # known, and nowhere yet
        question = mapping.question(values)
        author = self._people.author_of(question.owner)

        async def publish() -> None:
            authorship = await self._authorship("post", question.key, author, question.authored_at)
            post_id = await self._client.ask(authorship, title=question.title, body=question.body)
            await self._go_on(authorship, post_id, question.more)
            self._scratch.put_post(question.key, target_id=post_id, thread_id=post_id)

        return Planned(author.key, publish)

    def _plan_answer(self, values: Values) -> Planned | Skipped:
        self._scratch.put_post(mapping.number(values, "Id"))
        answer = mapping.answer(values)
        place = self._place(answer.question_key)
        if isinstance(place, Skipped):
            self._scratch.put_post(answer.key, skipped=True)
            return place
        author = self._people.author_of(answer.owner)

        async def publish() -> None:
            authorship = await self._authorship("post", answer.key, author, answer.authored_at)
            comment_id = await self._client.add_comment(authorship, place.thread_id, answer.body, answer=True)
            await self._go_on(authorship, place.thread_id, answer.more)
            self._scratch.put_post(answer.key, target_id=comment_id, thread_id=place.thread_id)

        return Planned(author.key, publish)

    def _plan_other_post(self, values: Values) -> Skipped:
        skipped = mapping.other_post(values)
        self._scratch.put_post(mapping.number(values, "Id"), skipped=True)
        return skipped

    def _plan_comment(self, values: Values) -> Planned | Skipped:
        comment = mapping.comment(values)
        place = self._place(comment.post_key)
        if isinstance(place, Skipped):
            return place
        author = self._people.author_of(comment.owner)

        async def publish() -> None:
            authorship = await self._authorship("comment", comment.key, author, comment.authored_at)
            await self._client.add_comment(authorship, place.thread_id, comment.body)

        return Planned(author.key, publish)

    def _plan_vote(self, values: Values) -> Planned | Skipped:
        vote = mapping.vote(values)
        if values["VoteTypeId"] == mapping.ACCEPTANCE:
            self._scratch.put_accepted_at(mapping.number(values, "PostId"), mapping.made_at(values))
        if isinstance(vote, Skipped):
            return vote
        place = self._place(vote.post_key)
        if isinstance(place, Skipped):
            return place
        author = self._people.voter(self._scratch.next_vote(vote.post_key))

        async def cast() -> None:
            authorship = await self._authorship("vote", vote.key, author, vote.authored_at)
            if vote.helpful:
                await self._client.mark_helpful(authorship, place.target_id)
            else:
                await self._client.react(authorship, place.target_id, mapping.THUMBS_DOWN)

        return Planned(author.key, cast)

    def _plan_acceptance(self, values: Values) -> Planned | Skipped:
        acceptance = mapping.acceptance(values)
        question, place = self._place(acceptance.question_key), self._place(acceptance.answer_key)
        if isinstance(question, Skipped) or isinstance(place, Skipped):
            return Skipped("on_skipped_post")
        if place.thread_id != question.target_id or place.target_id == question.target_id:
            raise MalformedError("not_an_answer", f"Post {acceptance.answer_key} does not answer it.")
        author = self._people.author_of(acceptance.owner)
        at = self._scratch.accepted_at(acceptance.answer_key) or acceptance.at

        async def accept() -> None:
            authorship = await self._authorship("acceptance", acceptance.question_key, author, at)
            await self._client.accept(authorship, place.target_id)

        return Planned(author.key, accept)

    async def _go_on(self, authorship: Authorship, post_id: str, more: Sequence[str]) -> None:
        """Let comments of the same author and time carry what found no room in what they wrote."""
        if more:
            self._client.settle()  # the post has to be there before it is commented on
        for number, part in enumerate(more, 1):
            await self._client.add_comment(authorship.part(number), post_id, part)

    def _place(self, post_key: int) -> Place | Skipped:
        """Return where a post is now. Raises MalformedError if it is nowhere."""
        place = self._scratch.post(post_key)
        if place is None:
            raise MalformedError("unknown_parent", f"Post {post_key} is not in the dump.")
        if place.skipped:
            return Skipped("on_skipped_post")
        if not place.target_id:
            raise MalformedError("parent_not_imported", f"Post {post_key} was refused.")
        return place

    async def _authorship(self, kind: str, key: int, author: Author, authored_at: datetime) -> Authorship:
        return Authorship(f"{self._source}:{kind}:{key}", await self._people.id_of(author), authored_at)


def _leave_out(_: Values) -> Skipped:
    return Skipped("no_counterpart_yet")
