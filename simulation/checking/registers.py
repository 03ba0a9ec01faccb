"""A group's register as it stands at an entry of its home's log, and what may be decided on it, in rules written down anew.

A decision stands on the register as it is, for it is appended only if that has not moved; and on memberships as they were
at any time since it last moved, for those stand in registers of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from google.protobuf.message import Message

from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MODERATOR,
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
)
from simulation.reference.decided import APPROVED, ENDED, Decided
from simulation.reference.groups import Request

GRANTED: Final = ""
GRANTS: Final[Mapping[int, type[Message]]] = {
    MODERATION_ACTION_HIDE: ContentHidden,
    MODERATION_ACTION_RESTORE: ContentRestored,
    MODERATION_ACTION_APPROVE: MembershipApproved,
    MODERATION_ACTION_DECLINE: MembershipDeclined,
    MODERATION_ACTION_REMOVE: MemberRemoved,
    MODERATION_ACTION_BAN: MemberBanned,
    MODERATION_ACTION_UNBAN: MemberUnbanned,
    MODERATION_ACTION_RULE_ON_ANSWER: AnswerRuled,
}
"""By what is asked for, the event that grants it."""
_SENDING_AWAY = (MODERATION_ACTION_REMOVE, MODERATION_ACTION_BAN)


@dataclass(slots=True)
class Joins:
    """Who has joined a group by the home's log, and who had since the group's register last moved; empty: has not."""

    _now: dict[str, str] = field(default_factory=dict)
    _before: dict[str, set[str]] = field(default_factory=dict)

    def move(self, person: str, join_id: str) -> None:
        self._before.setdefault(person, set()).add(self._now.get(person, ""))
        self._now[person] = join_id

    def settle(self) -> None:
        """Note that the group's register has moved."""
        self._before.clear()

    def of(self, person: str) -> Collection[str]:
        """Return each join that may be theirs for whoever decides now."""
        return {self._now.get(person, ""), *self._before.get(person, ())}


@dataclass(frozen=True, slots=True)
class Register:
    """One group's; what it has decided so far stands in ``decided``."""

    group_id: str
    owner: str
    private: bool
    joins: Joins
    decided: Decided

    def outcomes(self, request: Request) -> Iterator[str]:
        """Yield what may become of a request now: the codes why it may be declined, and GRANTED if it may be."""
        is_moderator = self._is_moderator(request.person)
        lets_in = {self._lets_in(request.person, join) for join in self.joins.of(request.person)}
        if request.person != self.owner and not (is_moderator and lets_in == {True}):
            yield "not_moderator"
        if request.person == self.owner or (is_moderator and True in lets_in):
            yield self._outcome_for_moderator(request)

    def action_of(self, request: Request) -> int:
        """Return what a request comes to: whom the group has let in meanwhile cannot be declined, and is removed."""
        join = (self.group_id, request.about, request.join_id)
        if request.action == MODERATION_ACTION_DECLINE and self.decided.admissions.get(join) == APPROVED:
            return MODERATION_ACTION_REMOVE
        return request.action

    def _outcome_for_moderator(self, request: Request) -> str:
        action = self.action_of(request)
        if action == MODERATION_ACTION_APPROVE and (self.group_id, request.about) in self.decided.bans:
            return "member_banned"
        if action in _SENDING_AWAY and request.about == self.owner:
            return "owner_stays"
        if action in _SENDING_AWAY and self._is_moderator(request.about) and request.person != self.owner:
            return "not_owner"
        return GRANTED

    def _is_moderator(self, person: str) -> bool:
        return self.decided.roles.get((self.group_id, person)) == GROUP_ROLE_MODERATOR

    def _lets_in(self, person: str, join_id: str) -> bool:
        state = self.decided.admissions.get((self.group_id, person, join_id))
        let_in = state == APPROVED if self.private else state != ENDED
        return bool(join_id) and let_in and (self.group_id, person) not in self.decided.bans
