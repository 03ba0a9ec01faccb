"""What groups decide in their own registers: which content they hide, whom they let in, remove and ban."""

from __future__ import annotations

from typing import Any, Final

from samverka.feed.v1.feed_events_pb2 import (
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
from services.chassis.envelope import Fact
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection
from services.search.projections.deciding import may_moderate, owner_of, require_moderator, settle_request
from services.search.projections.writing import touch, touch_author

DECLINED, APPROVED, ENDED = 1, 2, 3
"""How far a join has come in the group's register."""
_SEQUENCE_MAX = 2**63 - 1


def apply_content_hidden(db: Connection, fact: Fact[ContentHidden]) -> None:
    _moderate(db, fact, hidden=True)


def apply_content_restored(db: Connection, fact: Fact[ContentRestored]) -> None:
    _moderate(db, fact, hidden=False)


def apply_moderation_declined(db: Connection, fact: Fact[ModerationDeclined]) -> None:
    settle_request(db, fact)


def apply_answer_ruled(db: Connection, fact: Fact[AnswerRuled]) -> None:
    """Write down the request alone: which answer is accepted changes nothing of what is found."""
    require_moderator(db, fact)
    settle_request(db, fact)


def apply_membership_approved(db: Connection, fact: Fact[MembershipApproved]) -> None:
    require_moderator(db, fact)
    settle_request(db, fact)
    _admit(db, fact, APPROVED)


def apply_membership_declined(db: Connection, fact: Fact[MembershipDeclined]) -> None:
    require_moderator(db, fact)
    settle_request(db, fact)
    _admit(db, fact, DECLINED)


def apply_member_removed(db: Connection, fact: Fact[MemberRemoved]) -> None:
    _require_may_send_away(db, fact)
    settle_request(db, fact)
    _take_role(db, fact)
    _admit(db, fact, ENDED)


def apply_member_banned(db: Connection, fact: Fact[MemberBanned]) -> None:
    banned = fact.payload
    _require_may_send_away(db, fact)
    if banned.stays_until > _SEQUENCE_MAX:
        raise Refused
    settle_request(db, fact)
    db.execute(
        "insert into bans values (?, ?, ?, ?) on conflict do update set stays_until = excluded.stays_until",
        (*_person(fact), banned.stays_until),
    )
    _take_role(db, fact)
    if banned.join_id:
        _admit(db, fact, ENDED)
    _touch(db, fact)


def apply_member_unbanned(db: Connection, fact: Fact[MemberUnbanned]) -> None:
    require_moderator(db, fact)
    settle_request(db, fact)
    db.execute("delete from bans where group_id = ? and local = ? and person = ?", _person(fact))
    _touch(db, fact)


def _moderate(db: Connection, fact: Fact[ContentHidden] | Fact[ContentRestored], *, hidden: bool) -> None:
    decided = fact.payload
    require_moderator(db, fact)
    settle_request(db, fact)
    db.execute(
        "insert into moderation values (?, ?, ?, ?) on conflict do update set hidden = excluded.hidden",
        (decided.content_id, fact.local, decided.group_id, hidden),
    )
    touch(db, decided.content_id, fact.sequence, local=fact.local)


def _require_may_send_away(db: Connection, fact: Fact[Any]) -> None:
    """Refuse to send the owner away, and a moderator unless the owner does."""
    require_moderator(db, fact)
    group_id, person = fact.payload.group_id, fact.payload.person_id
    owner = owner_of(db, group_id, local=fact.local)
    if person == owner or (fact.actor != owner and may_moderate(db, group_id, person, local=fact.local)):
        raise Refused


def _take_role(db: Connection, fact: Fact[Any]) -> None:
    db.execute("delete from roles where group_id = ? and local = ? and person = ?", _person(fact))


def _admit(db: Connection, fact: Fact[Any], state: int) -> None:
    """Write down how far a join has come; it never goes back."""
    db.execute(
        "insert into admissions values (?, ?, ?, ?, ?) on conflict do update set state = max(state, excluded.state)",
        (*_person(fact), fact.payload.join_id, state),
    )
    _touch(db, fact)


def _touch(db: Connection, fact: Fact[Any]) -> None:
    group_id, local, person = _person(fact)
    touch_author(db, group_id, person, fact.sequence, local=local)


def _person(fact: Fact[Any]) -> tuple[str, bool, str]:
    return fact.payload.group_id, fact.local, fact.payload.person_id


HANDLERS: Final[Handlers] = {
    ContentHidden: apply_content_hidden,
    ContentRestored: apply_content_restored,
    ModerationDeclined: apply_moderation_declined,
    AnswerRuled: apply_answer_ruled,
    MembershipApproved: apply_membership_approved,
    MembershipDeclined: apply_membership_declined,
    MemberRemoved: apply_member_removed,
    MemberBanned: apply_member_banned,
    MemberUnbanned: apply_member_unbanned,
}
