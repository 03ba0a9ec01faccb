"""Decide what a moderator asked for, in the group's home region."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_events_pb2 import (
    MODERATION_ACTION_HIDE,
    MODERATION_ACTION_RESTORE,
    ContentHidden,
    ContentRestored,
    ModerationDeclined,
)
from services.chassis.deciding import Decider, Intent, Outcome, WithReach
from services.chassis.store import Connection
from services.feed.domain.groups import NOT_MODERATOR, NOT_OF_GROUP, UNKNOWN_ACTION, moderates
from services.feed.finding import find_group_of
from services.feed.moderating import Request, find_request
from services.feed.standing import find_standing

_GRANTED: dict[int, type[ContentHidden] | type[ContentRestored]] = {
    MODERATION_ACTION_HIDE: ContentHidden,
    MODERATION_ACTION_RESTORE: ContentRestored,
}


@dataclass(frozen=True, slots=True)
class DecideModeration:
    request: Request

    @property
    def intent(self) -> Intent:
        """The moderator's, under a key with a space, which no client's key has: one for each request, whoever decides."""
        return Intent(
            actor=self.request.person, recorded_by="", authored_at_ms=0, key=f"decide {self.request.id}", digest=b""
        )


async def decide_moderation(command: DecideModeration, *, decider: Decider) -> Outcome:
    """Grant the request if its moderator still is one, or decline it; nothing happens if it has an outcome already."""
    asked = command.request

    def decide(db: Connection) -> WithReach | None:
        found = find_request(db, asked.id)
        if found is None or found.decided:  # erased meanwhile, or decided by another replica
            return None
        return WithReach(_outcome(db, asked), asked.reach)

    return await decider.carry_out(command.intent, decide, owner=asked.group_id)


def _outcome(db: Connection, asked: Request) -> ContentHidden | ContentRestored | ModerationDeclined:
    granted = _GRANTED.get(asked.action)
    group = find_standing(db, asked.group_id, asked.person)
    if group is None or group.reach != asked.reach or not moderates(group.role):
        return _declined(asked, NOT_MODERATOR)
    if granted is None:
        return _declined(asked, UNKNOWN_ACTION)
    if find_group_of(db, asked.content_id, asked.reach) not in (None, asked.group_id):  # None: it has yet to arrive
        return _declined(asked, NOT_OF_GROUP)
    return granted(group_id=asked.group_id, content_id=asked.content_id, request_id=asked.id, reason=asked.reason)


def _declined(asked: Request, reason: str) -> ModerationDeclined:
    return ModerationDeclined(group_id=asked.group_id, request_id=asked.id, reason=reason)
