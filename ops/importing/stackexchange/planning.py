"""What each record leads to, planned as it is read: what it means, who wrote it, and where its parent is now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from ops.importing.client import Authorship, Client
from ops.importing.scratch import Place, Scratch
from ops.importing.stackexchange import mapping
from ops.importing.stackexchange.mapping import MalformedError, Skipped, Values
from ops.importing.stackexchange.people import Author, People


@dataclass(frozen=True, slots=True)
class Planned:
    """A record that is ready to go: the lane it keeps its place in, and what to do."""

    lane: str
    act: Callable[[], Awaitable[object]]


Plan = Callable[[Values], Planned | Skipped]


class Plans:
    """One method for each kind of record; each raises MalformedError for one that cannot come in."""

    def __init__(self, *, source: str, client: Client, scratch: Scratch, people: People) -> None:
        self._source = source
        self._client = client
        self._scratch = scratch
        self._people = people

    def person(self, values: Values) -> Planned:
        person = mapping.person(values)
        return Planned(person.key, partial(self._people.add, person))

    def question(self, values: Values) -> Planned:
        self._scratch.put_post(mapping.number(values, "Id"))  # known, and nowhere yet
        question = mapping.question(values)
        author = self._people.author_of(question.owner)

        async def publish() -> None:
            authorship = await self._authorship("post", question.key, author, question.authored_at)
            post_id = await self._client.ask(authorship, title=question.title, body=question.body)
            await self._go_on(authorship, post_id, question.more)
            self._scratch.put_post(question.key, target_id=post_id, thread_id=post_id)

        return Planned(author.key, publish)

    def answer(self, values: Values) -> Planned | Skipped:
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

    def other_post(self, values: Values) -> Skipped:
        skipped = mapping.other_post(values)
        self._scratch.put_post(mapping.number(values, "Id"), skipped=True)
        return skipped

    def comment(self, values: Values) -> Planned | Skipped:
        comment = mapping.comment(values)
        place = self._place(comment.post_key)
        if isinstance(place, Skipped):
            return place
        author = self._people.author_of(comment.owner)

        async def publish() -> None:
            authorship = await self._authorship("comment", comment.key, author, comment.authored_at)
            await self._client.add_comment(authorship, place.thread_id, comment.body)

        return Planned(author.key, publish)

    def vote(self, values: Values) -> Planned | Skipped:
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

    def acceptance(self, values: Values) -> Planned | Skipped:
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


def left_out(_: Values) -> Skipped:
    """Return why a record stays out that nothing here corresponds to."""
    return Skipped("no_counterpart_yet")
