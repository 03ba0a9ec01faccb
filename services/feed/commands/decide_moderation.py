"""Decide what a moderator asked for, in the group's home region."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import Message

from samverka.feed.v1.feed_events_pb2 import (
    MODERATION_ACTION_APPROVE,
    MODERATION_ACTION_BAN,
    MODERATION_ACTION_DECLINE,
    MODERATION_ACTION_HIDE,
    MODERATION_ACTION_REMOVE,
    MODERATION_ACTION_RESTORE,
    MODERATION_ACTION_RULE_ON_ANSWER,
    MODERATION_ACTION_UNBAN,
    AnswerRuled,
    ContentHidden,
    ContentRestored,
    MemberBanned,
    MemberRemoved,
    MembershipApproved,
    MembershipDeclined,
    MemberUnbanned,
    ModerationDeclined,
)
from services.chassis.deciding import Decider, Intent, Outcome, WithReach
from services.chassis.ids import region_of
from services.chassis.origins import known_sequence
from services.chassis.projection import applied_sequence
from services.chassis.store import Connection
from services.feed.domain.groups import (
    MEMBER_BANNED,
    NOT_MODERATOR,
    NOT_OF_GROUP,
    UNKNOWN_ACTION,
    moderates,
    refusal_to_send_away,
)
from services.feed.finding import find_group_of
from services.feed.joining import find_join, is_banned, was_approved
from services.feed.moderating import Request, find_before, find_request
from services.feed.standing import Standing, find_standing, given_role


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
    """Grant the request if its moderator still is one, or decline it; nothing happens if it has an outcome already.

    What the same moderator asked of the group before it is decided before it, so that what they said last is what holds.
    """
    while True:
        try:
            return await _decide(command, decider)
        except _NotYet as earlier:
            await _decide(DecideModeration(earlier.request), decider)


class _NotYet(Exception):
    def __init__(self, request: Request) -> None:
        super().__init__(request.id)
        self.request = request


async def _decide(command: DecideModeration, decider: Decider) -> Outcome:
    asked = command.request

    def decide(db: Connection) -> WithReach | None:
        found = find_request(db, asked.id)
        if found is None or found.decided:  # erased meanwhile, or decided by another replica
            return None
        before = find_before(db, asked)
        if before is not None:
            raise _NotYet(before)
        try:
            return WithReach(_grant(db, asked), asked.reach)
        except _Declined as declined:
            return WithReach(
                ModerationDeclined(group_id=asked.group_id, request_id=asked.id, reason=declined.reason), asked.reach
            )

    return await decider.carry_out(command.intent, decide, owner=asked.group_id)


class _Declined(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _grant(db: Connection, asked: Request) -> Message:
    """Return what is done. Raises _Declined."""
    group = find_standing(db, asked.group_id, asked.person)
    if group is None or group.reach != asked.reach or not moderates(group.role):
        raise _Declined(NOT_MODERATOR)
    grant = _GRANTS.get(asked.action)
    if grant is None:
        raise _Declined(UNKNOWN_ACTION)
    return grant(db, asked, group)


def _hide(db: Connection, asked: Request, group: Standing) -> ContentHidden:
    _require_of_group(db, asked)
    return ContentHidden(group_id=asked.group_id, content_id=asked.content_id, request_id=asked.id, reason=asked.reason)


def _restore(db: Connection, asked: Request, group: Standing) -> ContentRestored:
    _require_of_group(db, asked)
    return ContentRestored(
        group_id=asked.group_id, content_id=asked.content_id, request_id=asked.id, reason=asked.reason
    )


def _approve(db: Connection, asked: Request, group: Standing) -> MembershipApproved:
    if is_banned(db, asked.group_id, asked.about_person, asked.reach):
        raise _Declined(MEMBER_BANNED)
    return MembershipApproved(
        group_id=asked.group_id, person_id=asked.about_person, join_id=asked.join_id, request_id=asked.id
    )


def _decline(db: Connection, asked: Request, group: Standing) -> MembershipDeclined | MemberRemoved:
    """Decline the join or, where it was let in meanwhile, end it: whoever asks for either wants nobody in by it."""
    if was_approved(db, asked.group_id, asked.about_person, asked.join_id, asked.reach):
        return _remove(db, asked, group)
    return MembershipDeclined(
        group_id=asked.group_id,
        person_id=asked.about_person,
        join_id=asked.join_id,
        request_id=asked.id,
        reason=asked.reason,
    )


def _remove(db: Connection, asked: Request, group: Standing) -> MemberRemoved:
    _require_may_send_away(db, asked, group)
    return MemberRemoved(
        group_id=asked.group_id,
        person_id=asked.about_person,
        join_id=asked.join_id,
        request_id=asked.id,
        reason=asked.reason,
    )


def _ban(db: Connection, asked: Request, group: Standing) -> MemberBanned:
    """Ban them from now on: what stays is what their home region's log held as far as it is known here."""
    _require_may_send_away(db, asked, group)
    origin, home = region_of(asked.about_person), region_of(asked.group_id)
    join = find_join(db, asked.group_id, asked.about_person, asked.reach)
    return MemberBanned(
        group_id=asked.group_id,
        person_id=asked.about_person,
        stays_until=applied_sequence(db) if origin == home else known_sequence(db, origin),
        request_id=asked.id,
        reason=asked.reason,
        join_id=join.id if join else asked.join_id,
    )


def _unban(db: Connection, asked: Request, group: Standing) -> MemberUnbanned:
    return MemberUnbanned(group_id=asked.group_id, person_id=asked.about_person, request_id=asked.id)


def _rule_on_answer(db: Connection, asked: Request, group: Standing) -> AnswerRuled:
    _require_of_group(db, asked)
    return AnswerRuled(
        group_id=asked.group_id, post_id=asked.content_id, comment_id=asked.answer_id, request_id=asked.id
    )


_GRANTS: Final[Mapping[int, Callable[[Connection, Request, Standing], Message]]] = {
    MODERATION_ACTION_HIDE: _hide,
    MODERATION_ACTION_RESTORE: _restore,
    MODERATION_ACTION_APPROVE: _approve,
    MODERATION_ACTION_DECLINE: _decline,
    MODERATION_ACTION_REMOVE: _remove,
    MODERATION_ACTION_BAN: _ban,
    MODERATION_ACTION_UNBAN: _unban,
    MODERATION_ACTION_RULE_ON_ANSWER: _rule_on_answer,
}


def _require_of_group(db: Connection, asked: Request) -> None:
    if find_group_of(db, asked.content_id, asked.reach) not in (None, asked.group_id):  # None: it has yet to arrive
        raise _Declined(NOT_OF_GROUP)


def _require_may_send_away(db: Connection, asked: Request, group: Standing) -> None:
    reason = refusal_to_send_away(group.role, given_role(db, asked.group_id, asked.about_person, asked.reach))
    if reason:
        raise _Declined(reason)
