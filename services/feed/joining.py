"""Joins as they stand: what somebody asked of a group, what it said to it, and whether it has banned them."""

from __future__ import annotations

from dataclasses import dataclass

from samverka.feed.v1.feed_views_pb2 import (
    MEMBERSHIP_STATE_DECLINED,
    MEMBERSHIP_STATE_MEMBER,
    MEMBERSHIP_STATE_PENDING,
    MEMBERSHIP_STATE_UNSPECIFIED,
    MembershipState,
)
from services.chassis.eventlog.subjects import Reach
from services.chassis.group_registers import APPROVED, DECLINED, ENDED
from services.chassis.store import Connection, one_row


@dataclass(frozen=True, slots=True)
class Join:
    """A join that has not been left; ``declined`` or ``ended`` as the group says."""

    id: str
    active: bool
    declined: bool
    ended: bool


def find_join(db: Connection, group_id: str, person: str, reach: Reach) -> Join | None:
    """Return the join of somebody who has not left; None if there is none."""
    row = db.execute(
        """
        select join_id, active, (
            select a.state from admissions a
            where a.group_id = m.group_id and a.local = m.local and a.person = m.person and a.join_id = m.join_id
        ) from memberships m where group_id = ? and local = ? and person = ?
        """,
        (group_id, reach == "local", person),
    ).fetchone()
    return Join(str(row[0]), bool(row[1]), row[2] == DECLINED, row[2] == ENDED) if row else None


def count_joined(db: Connection, person: str) -> int:
    """Return in how many groups somebody is, or waits to be."""
    count = """
        select count(*) from memberships m where person = ? and (active = 1 or not exists (
            select 1 from admissions a
            where a.group_id = m.group_id and a.local = m.local and a.person = m.person and a.join_id = m.join_id
                and a.state in (?, ?)
        ))
    """
    return int(one_row(db, count, (person, DECLINED, ENDED))[0])


def was_approved(db: Connection, group_id: str, person: str, join_id: str, reach: Reach) -> bool:
    """Whether the group has let this join of somebody's in, and not ended it since."""
    find = "select 1 from admissions where group_id = ? and local = ? and person = ? and join_id = ? and state = ?"
    return db.execute(find, (group_id, reach == "local", person, join_id, APPROVED)).fetchone() is not None


def is_banned(db: Connection, group_id: str, person: str, reach: Reach) -> bool:
    """Whether the group has banned somebody."""
    find = "select 1 from bans where group_id = ? and local = ? and person = ?"
    return db.execute(find, (group_id, reach == "local", person)).fetchone() is not None


def membership_state(join: Join | None) -> MembershipState.ValueType:
    """Return what has become of somebody's wish to be a member."""
    if join is None:
        return MEMBERSHIP_STATE_UNSPECIFIED
    if join.active:
        return MEMBERSHIP_STATE_MEMBER
    return MEMBERSHIP_STATE_DECLINED if join.declined or join.ended else MEMBERSHIP_STATE_PENDING
