"""Whom groups let in, remove and ban: decisions of their homes, about people anywhere."""

from __future__ import annotations

from typing import Any, Final

from samverka.feed.v1.feed_events_pb2 import (
    MemberBanned,
    MemberRemoved,
    MembershipApproved,
    MembershipDeclined,
    MemberUnbanned,
)
from services.chassis.envelope import Fact
from services.chassis.projection import Handlers, Refused
from services.chassis.store import Connection
from services.feed.domain.joins import APPROVED, DECLINED, ENDED
from services.feed.projections.deciding import require_moderator, settle_request
from services.feed.projections.hiding import hide_author
from services.feed.projections.membership import may_moderate, owner_of, settle_member

_SEQUENCE_MAX = 2**63 - 1


def apply_membership_approved(db: Connection, fact: Fact[MembershipApproved]) -> None:
    require_moderator(db, fact)
    settle_request(db, fact)
    _admit(db, fact, APPROVED)
    _settle(db, fact)


def apply_membership_declined(db: Connection, fact: Fact[MembershipDeclined]) -> None:
    require_moderator(db, fact)
    settle_request(db, fact)
    _admit(db, fact, DECLINED)
    _settle(db, fact)


def apply_member_removed(db: Connection, fact: Fact[MemberRemoved]) -> None:
    _require_may_send_away(db, fact)
    settle_request(db, fact)
    _take_role(db, fact)
    _admit(db, fact, ENDED)
    _settle(db, fact)


def apply_member_banned(db: Connection, fact: Fact[MemberBanned]) -> None:
    banned = fact.payload
    _require_may_send_away(db, fact)
    if banned.stays_until > _SEQUENCE_MAX:
        raise Refused
    settle_request(db, fact)
    db.execute(
        "insert into bans values (?, ?, ?, ?) on conflict do update set stays_until = excluded.stays_until",
        (banned.group_id, fact.local, banned.person_id, banned.stays_until),
    )
    _take_role(db, fact)
    if banned.join_id:
        _admit(db, fact, ENDED)
    _settle(db, fact)


def apply_member_unbanned(db: Connection, fact: Fact[MemberUnbanned]) -> None:
    require_moderator(db, fact)
    settle_request(db, fact)
    db.execute("delete from bans where group_id = ? and local = ? and person = ?", _person(fact))
    _settle(db, fact)


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


def _settle(db: Connection, fact: Fact[Any]) -> None:
    """Look whether the person is in now, and what of theirs is shown."""
    group_id, local, person = _person(fact)
    settle_member(db, group_id, person, local=local)
    hide_author(db, group_id, person, local=local)


def _person(fact: Fact[Any]) -> tuple[str, bool, str]:
    return fact.payload.group_id, fact.local, fact.payload.person_id


HANDLERS: Final[Handlers] = {
    MembershipApproved: apply_membership_approved,
    MembershipDeclined: apply_membership_declined,
    MemberRemoved: apply_member_removed,
    MemberBanned: apply_member_banned,
    MemberUnbanned: apply_member_unbanned,
}
