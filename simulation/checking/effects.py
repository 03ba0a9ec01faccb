"""What a decision in a group's register does to what the reference knows of it."""

from __future__ import annotations

from typing import Any

from samverka.feed.v1.feed_events_pb2 import (
    AnswerRuled,
    ContentHidden,
    ContentRestored,
    MemberBanned,
    MemberRemoved,
    MemberRoleSet,
    MembershipApproved,
    MembershipDeclined,
    MemberUnbanned,
    ModerationDeclined,
)
from simulation.reference.decided import APPROVED, DECLINED, ENDED, Decided

_STATES = {MembershipApproved: APPROVED, MembershipDeclined: DECLINED, MemberRemoved: ENDED, MemberBanned: ENDED}


def take_effect(decision: Any, decided: Decided) -> None:
    """Note what a decision says, which is the next one in its register."""
    if isinstance(decision, MemberRoleSet):
        decided.roles[decision.group_id, decision.person_id] = decision.role
        return
    declined = isinstance(decision, ModerationDeclined)
    decided.outcomes[decision.group_id, decision.request_id] = decision.reason if declined else ""
    if isinstance(decision, ContentHidden | ContentRestored):
        decided.moderated[decision.content_id, decision.group_id] = isinstance(decision, ContentHidden)
    elif isinstance(decision, AnswerRuled):
        decided.rulings[decision.post_id, decision.group_id] = decision.comment_id
    elif not declined:
        _settle_member(decision, decided)


def _settle_member(decision: Any, decided: Decided) -> None:
    member = (decision.group_id, decision.person_id)
    if isinstance(decision, MemberUnbanned):
        decided.bans.pop(member, None)
        return
    if decision.join_id:
        decided.admit(*member, decision.join_id, _STATES[type(decision)])
    if isinstance(decision, MemberBanned):
        decided.bans[member] = decision.stays_until
    if isinstance(decision, MemberRemoved | MemberBanned):
        decided.roles.pop(member, None)
