"""People who use the network: each does one thing after the other, through the rpcs of their region's services."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Any, TypeVar

from google.protobuf.message import Message

from samverka.event.v1.event_pb2 import CommandContext, Event
from samverka.feed.v1 import feed_service_pb2 as feed
from samverka.feed.v1.feed_events_pb2 import CommentAdded, PostPublished
from samverka.profile.v1 import profile_service_pb2 as profile
from services.chassis.auth import Caller
from services.chassis.envelope import open_event
from services.chassis.errors import SamverkaError, Unavailable
from services.chassis.eventlog.port import Position
from services.chassis.ids import derive
from simulation import reference
from simulation.reference import Reference
from simulation.regions import Region
from simulation.replicas import Replica
from simulation.trace import Trace, Violation

_ISSUER = "https://login.example.test"
_EMOJI = ("👍", "🎉", "❤️")
_PAUSE_SECONDS_MAX = 1.5
_AGAIN_SECONDS_MAX = 1.0
_ATTEMPTS_MAX = 100
_BEHIND_SECONDS = 2.0
_SENT_TWICE = 0.1
_NOT_SHOWN = ("not_shown", "behind")
"""The codes of answers to what was done, and cannot be shown."""

Made = TypeVar("Made", CommentAdded, PostPublished)


class Refusal(Exception):
    """A command was refused, for good."""


@dataclass(slots=True)
class Member:
    """One person."""

    region: Region
    caller: Caller
    reference: Reference
    trace: Trace
    chance: Random
    _position: Position | None = None
    _commands: int = 0

    @property
    def id(self) -> str:
        return self.caller.person_id

    async def live(self, commands: int) -> None:
        """Sign in, and do ``commands`` things."""
        await self._sign_in()
        doings: list[tuple[Callable[[], Awaitable[str]], int]] = [
            (self._publish, 6),
            (self._edit_own, 4),
            (self._delete_own, 2),
            (self._comment, 5),
            (self._react, 6),
            (self._unreact, 2),
            (self._follow, 3),
            (self._unfollow, 1),
            (self._edit_profile, 2),
            (self._spoil_anothers, 1),
        ]
        kinds, weights = zip(*doings, strict=True)
        for _ in range(commands):
            await asyncio.sleep(self.chance.random() * _PAUSE_SECONDS_MAX)
            (do,) = self.chance.choices(kinds, weights)
            try:
                done = await do()
            except Refusal as refusal:
                done = f"refused: {refusal}"
                if self.id in self.reference.erased:
                    return
            if done:
                self.trace.note(self.caller.subject, done)

    async def _sign_in(self) -> None:
        answer = await self._must("profile", "SignIn", profile.SignInRequest(), keyed=False)
        shown = answer.person
        self.reference.people[self.id] = reference.Person(self.id, shown.region, shown.handle, shown.name)
        self.trace.note(self.caller.subject, f"signed in as {shown.handle}@{shown.region}, {self.id}")

    async def _publish(self) -> str:
        body = f"{self.caller.subject} says {self._commands}"
        request = feed.PublishPostRequest(body=body)
        answer = await self._must("feed", "PublishPost", request)
        post_id = answer.post.id if answer else (await self._made_by(request, PostPublished)).post_id
        self.reference.posts[post_id] = reference.Text(post_id, self.id, body)
        return f"published {post_id}"

    async def _edit_own(self) -> str:
        post = self._some([text for text in self.reference.texts_of(self.id) if not text.post_id])
        if post is None:
            return ""
        body = f"{self.caller.subject} corrects {self._commands}"
        await self._must("feed", "EditPost", feed.EditPostRequest(post_id=post.id, body=body))
        post.body = body
        return f"edited {post.id}"

    async def _delete_own(self) -> str:
        text = self._some(self.reference.texts_of(self.id))
        if text is None:
            return ""
        if text.post_id:
            await self._must("feed", "DeleteComment", feed.DeleteCommentRequest(comment_id=text.id))
        else:
            await self._must("feed", "DeletePost", feed.DeletePostRequest(post_id=text.id))
        text.deleted = True
        return f"deleted {text.id}"

    async def _comment(self) -> str:
        post = self._some(list(self.reference.posts.values()))
        if post is None:
            return ""
        body = f"{self.caller.subject} remarks {self._commands}"
        request = feed.AddCommentRequest(post_id=post.id, body=body)
        answer = await self._may("feed", "AddComment", request)
        comment_id = answer.comment.id if answer else (await self._made_by(request, CommentAdded)).comment_id
        self.reference.comments[comment_id] = reference.Text(comment_id, self.id, body, post.id)
        return f"commented {comment_id} on {post.id}"

    async def _react(self) -> str:
        target = self._some([*self.reference.posts.values(), *self.reference.comments.values()])
        if target is None:
            return ""
        emoji = self.chance.choice(_EMOJI)
        await self._may("feed", "React", feed.ReactRequest(target_id=target.id, emoji=emoji))
        self.reference.reactions[target.id, self.id, emoji] = None
        return f"put {emoji} on {target.id}"

    async def _unreact(self) -> str:
        mine = self._some([(target, emoji) for target, person, emoji in self.reference.reactions if person == self.id])
        if mine is None:
            return ""
        target, emoji = mine
        await self._may("feed", "Unreact", feed.UnreactRequest(target_id=target, emoji=emoji))
        del self.reference.reactions[target, self.id, emoji]
        return f"took {emoji} off {target}"

    async def _follow(self) -> str:
        person = self._some([person for person in self.reference.people if person != self.id])
        if person is None:
            return ""
        await self._may("profile", "Follow", profile.FollowRequest(person_id=person))
        self.reference.follows[self.id, person] = None
        return f"followed {person}"

    async def _unfollow(self) -> str:
        person = self._some([followed for follower, followed in self.reference.follows if follower == self.id])
        if person is None:
            return ""
        await self._may("profile", "Unfollow", profile.UnfollowRequest(person_id=person))
        del self.reference.follows[self.id, person]
        return f"unfollowed {person}"

    async def _edit_profile(self) -> str:
        name, title = f"{self.caller.name} {self._commands}", f"Title {self._commands}"
        await self._must("profile", "EditProfile", profile.EditProfileRequest(name=name, title=title))
        me = self.reference.people[self.id]
        me.name, me.title = name, title
        return f"is called {name} now"

    async def _spoil_anothers(self) -> str:
        """Try what nobody may: it must be refused, whatever has arrived."""
        post = self._some([post for post in self.reference.posts.values() if post.author != self.id])
        if post is None:
            return ""
        spoil = self.chance.choice(
            [
                ("EditPost", feed.EditPostRequest(post_id=post.id, body="spoilt")),
                ("DeletePost", feed.DeletePostRequest(post_id=post.id)),
            ]
        )
        await self._may("feed", *spoil)
        raise Violation(f"{self.id} could {spoil[0]} {post.id}")

    async def _must(self, service: str, method: str, request: Message, *, keyed: bool = True) -> Any:
        """Return the answer to what nothing speaks against: what it stands on was acknowledged to this person."""
        try:
            return await self._may(service, method, request, keyed=keyed)
        except Refusal as refusal:
            if self.id in self.reference.erased:
                raise
            raise Violation(f"{self.id} was refused {method} {request}: {refusal}") from refusal

    async def _may(self, service: str, method: str, request: Any, *, keyed: bool = True) -> Any:
        """Return the answer, or None to what was done without one; raises Refusal."""
        self._commands += 1
        key = f"{self.caller.subject}-{self._commands}" if keyed else ""
        if keyed:
            request.context.CopyFrom(CommandContext(idempotency_key=key))
        at_once = 2 if keyed and self.chance.random() < _SENT_TWICE else 1
        attempts = [self._attempt(service, method, request, key) for _ in range(at_once)]
        answers = await asyncio.gather(*attempts, return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, SamverkaError):
                raise answer
        done = [answer for answer in answers if not isinstance(answer, BaseException)]
        if done:
            return next((answer for answer in done if answer is not None), None)
        if await self._event_under(key) is None:
            raise Refusal(str(answers[0]))
        if not self.region.clock.stepped and self.id not in self.reference.erased:
            raise Violation(f"{method} of {self.id} was carried out and then refused: {answers[0]}")
        return None  # between two attempts a day went by on the region's clock, or the person was erased

    async def _attempt(self, service: str, method: str, request: Any, key: str) -> Any:
        for _ in range(_ATTEMPTS_MAX):
            replica = self.chance.choice(self.region.of(service))
            try:
                await self._wait_for(replica)
                answer = await replica.call(method, request, self.caller)
            except Unavailable as error:
                if error.code in _NOT_SHOWN and await self._event_under(key):
                    return None
                await asyncio.sleep(self.chance.random() * _AGAIN_SECONDS_MAX)
                continue
            if answer.HasField("position"):
                told = Position(answer.position.epoch, answer.position.sequence)
                self._position = max(told, self._position or told, key=lambda position: position.sequence)
            return answer
        raise Violation(f"{method} of {self.id} got no answer in {_ATTEMPTS_MAX} attempts")

    async def _wait_for(self, replica: Replica) -> None:
        """Wait until the replica has what this person has seen, as the gateway does."""
        if self._position is None:
            return
        if not await replica.runner.wait_applied(self._position, timeout_seconds=_BEHIND_SECONDS):
            raise Unavailable("The replica is behind.")

    async def _made_by(self, request: Any, kind: type[Made]) -> Made:
        """Return what a command led to whose answer could not show it."""
        event = await self._event_under(request.context.idempotency_key)
        if event is None:
            raise Violation(f"what {self.id} asked was acknowledged and is not there: {request}")
        return kind.FromString(event.payload.value)

    async def _event_under(self, key: str) -> Event | None:
        """Return what stands in the log under an idempotency key of this person's."""
        for entry in await self.region.entries():
            event = open_event(entry.data)
            if event is not None and key and event.actor == self.id and event.idempotency_key == key:
                return event
        return None

    def _some(self, things: list[Any]) -> Any | None:
        return self.chance.choice(things) if things else None


def member(subject: str, handle: str, *, region: Region, reference: Reference, trace: Trace, chance: Random) -> Member:
    """Return somebody at home in a region, who has not signed in yet."""
    caller = Caller(
        person_id=derive(region.name, "person", _ISSUER, subject),
        issuer=_ISSUER,
        subject=subject,
        handle=handle,
        name=handle.capitalize(),
        roles=frozenset({"member"}),
        expires_at=2_000_000_000,
        token="",
    )
    return Member(region, caller, reference, trace, chance)
