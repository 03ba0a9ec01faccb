"""The people of the load: each writes one thing after another, chosen by chance, and notes what was acknowledged.

What is answered, followed or reacted to comes from every region, and may not have arrived: such a write is refused, and
that is no fault. All else that is refused is one.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from chaos.board import Board, Known
from chaos.client import Client, Write
from chaos.findings import Finding, Kind
from chaos.journal import Acknowledged, Journal

EMOJI = ("👍", "🎉", "🙏")
FOLLOWED_MAX = 20
NOT_ARRIVED = frozenset({"post_not_found", "comment_not_found", "target_not_found", "person_not_found", "not_found"})
"""The codes of what has not arrived yet, or was deleted meanwhile."""
_WEIGHTS: dict[str, int] = {
    "create_post": 30,
    "add_comment": 20,
    "react": 15,
    "edit_post": 12,
    "unreact": 6,
    "delete_post": 5,
    "delete_comment": 5,
    "follow": 4,
    "unfollow": 2,
    "update_profile": 3,
}


@dataclass(slots=True)
class Own:
    """What a person has made and may still change."""

    posts: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    reactions: list[tuple[str, str]] = field(default_factory=list)
    followed: list[str] = field(default_factory=list)


class Person:
    """Somebody at home in ``region``."""

    def __init__(
        self,
        *,
        region: str,
        handle: str,
        person_id: str,
        client: Client,
        journal: Journal,
        board: Board,
        chance: Random,
        clock: Callable[[], float],
    ) -> None:
        self.region = region
        self.handle = handle
        self.id = person_id
        self.client = client
        self.own = Own()
        self.acknowledged = 0
        self.refused: Counter[str] = Counter()
        self.findings: list[Finding] = []
        self._journal = journal
        self._board = board
        self._chance = chance
        self._clock = clock
        self._sent = 0

    async def write_on(self, stop: asyncio.Event, *, pause_seconds: float) -> None:
        """Write one thing after another until told to stop; what was begun is brought to its end."""
        while not stop.is_set():
            await self.write_something()
            await asyncio.sleep(pause_seconds)

    async def post_on(self, stop: asyncio.Event) -> None:
        """Write posts as fast as they are taken, until told to stop."""
        while not stop.is_set():
            await self.create_post()

    async def write_something(self) -> None:
        """Write one thing of those that are possible now."""
        names = list(_WEIGHTS)
        (name,) = self._chance.choices(names, weights=[_WEIGHTS[name] for name in names])
        action = getattr(self, name)
        if not await action():
            await self.create_post()

    async def create_post(self) -> bool:
        body = f"{self.handle} of {self.region} writes {self._sent}"
        made = await self._write(Write("createPost", {"body": body}, "post { id }"), lambda made: made["post"]["id"])
        if made:
            self.own.posts.append(made)
            self._board.posts.append(Known(made, self.region, local=False))
        return True

    async def edit_post(self) -> bool:
        post = self._some(self.own.posts)
        if post:
            body = f"{self.handle} of {self.region} corrects {self._sent}"
            await self._write(Write("editPost", {"postId": post, "body": body}, "post { id }"))
        return bool(post)

    async def delete_post(self) -> bool:
        post = self._some(self.own.posts)
        if post:
            self.own.posts.remove(post)
            self._board.forget(post)
            await self._write(Write("deletePost", {"postId": post}, "deletedPostId"))
        return bool(post)

    async def add_comment(self) -> bool:
        post = self._board.some_post(self.region, self._chance)
        if post:
            body = f"{self.handle} of {self.region} answers {self._sent}"
            write = Write("addComment", {"postId": post, "body": body}, "comment { id }")
            made = await self._write(write, lambda made: made["comment"]["id"])
            if made:
                self.own.comments.append(made)
        return bool(post)

    async def delete_comment(self) -> bool:
        comment = self._some(self.own.comments)
        if comment:
            self.own.comments.remove(comment)
            await self._write(Write("deleteComment", {"commentId": comment}, "deletedCommentId"))
        return bool(comment)

    async def react(self) -> bool:
        post = self._board.some_post(self.region, self._chance)
        if post:
            emoji = self._chance.choice(EMOJI)
            write = Write("react", {"targetId": post, "emoji": emoji}, "target { __typename }")
            if await self._write(write) is not None and (post, emoji) not in self.own.reactions:
                self.own.reactions.append((post, emoji))
        return bool(post)

    async def unreact(self) -> bool:
        if not self.own.reactions:
            return False
        post, emoji = self._chance.choice(self.own.reactions)
        self.own.reactions.remove((post, emoji))
        await self._write(Write("unreact", {"targetId": post, "emoji": emoji}, "target { __typename }"))
        return True

    async def follow(self) -> bool:
        others = [person for person in self._board.people if person != self.id and person not in self.own.followed]
        if not others or len(self.own.followed) >= FOLLOWED_MAX:
            return False
        other = self._chance.choice(others)
        if await self._write(Write("followPerson", {"personId": other}, "person { id }")) is not None:
            self.own.followed.append(other)
        return True

    async def unfollow(self) -> bool:
        other = self._some(self.own.followed)
        if other:
            self.own.followed.remove(other)
            await self._write(Write("unfollowPerson", {"personId": other}, "person { id }"))
        return bool(other)

    async def update_profile(self) -> bool:
        await self._write(Write("updateProfile", {"title": f"Engineer {self._sent}"}, "person { id }"))
        return True

    def _some(self, mine: list[str]) -> str | None:
        return self._chance.choice(mine) if mine else None

    async def _write(self, write: Write, made: Callable[[Any], str] = lambda _: "") -> str | None:
        """Write until acknowledged and return the id of what it made; None if it was refused."""
        self._sent += 1
        key = f"{self.handle}-{self._sent}"
        outcome = await self.client.write(write, key)
        if outcome.code:
            self._note_refusal(write, outcome.code)
            return None
        self.acknowledged += 1
        entry = Acknowledged(
            region=self.region,
            person=self.id,
            field=write.field,
            input=write.input,
            key=key,
            made=made(outcome.payload),
            at_seconds=round(self._clock(), 3),
            attempts=outcome.attempts,
        )
        self._journal.note(entry)
        return entry.made

    def _note_refusal(self, write: Write, code: str) -> None:
        self.refused[code] += 1
        if code not in NOT_ARRIVED:
            self.findings.append(Finding(Kind.ANSWER, self.region, f"{write.field} {dict(write.input)}: {code}"))
