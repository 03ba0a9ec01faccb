"""A projection of the registers of groups and nothing else, for the tests of the rules that all services share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message

from samverka.feed.v1.feed_events_pb2 import GroupCreated, MemberRoleSet
from services.chassis.envelope import Fact
from services.chassis.group_registers import apply_member_role_set, decisions_on_people, is_private, require_founder
from services.chassis.projection import Projection, Refused
from services.chassis.store import Connection
from tests.support.tables import Tables, an_id

GROUP, OTHER = an_id("group"), an_id("other group")
ANNA, BENGT, CARLA, AKIRA = an_id("anna"), an_id("bengt"), an_id("carla"), an_id("akira", region="tokyo")
"""Anna owns the group."""
_SCHEMA = """
    create table groups (id, local, owner, private, primary key (id, local));
    create table memberships (group_id, local, person, join_id, primary key (group_id, local, person));
    create table roles (group_id, local, person, role, primary key (group_id, local, person));
    create table admissions (group_id, local, person, join_id, state, primary key (group_id, local, person, join_id));
    create table bans (group_id, local, person, stays_until, primary key (group_id, local, person));
    create table moderation (content_id, local, group_id, hidden, primary key (content_id, local, group_id));
    create table requests (id primary key);
    create table settled (person, roles, admissions, bans);
"""


def registers() -> Tables:
    """Return the tables as they are before anybody has said anything."""
    return Tables(
        Projection(
            "groups",
            1,
            _SCHEMA,
            {
                GroupCreated: _apply_group_created,
                MemberRoleSet: apply_member_role_set,
                **decisions_on_people(settle_request=_settle_request, settle_person=_settle_person),
            },
        )
    )


def decide(
    tables: Tables, kind: Callable[..., Message], person: str, *, by: str = ANNA, local: bool = False, **more: Any
) -> bool:
    """Apply a decision of the group's on somebody, and on a request that nobody has decided on unless ``more`` names one."""
    more.setdefault("request_id", f"request {tables.rows('select count(*) from requests')}")
    return tables.apply(kind(group_id=GROUP, person_id=person, **more), actor=by, owner=GROUP, local=local)


def _apply_group_created(db: Connection, fact: Fact[GroupCreated]) -> None:
    require_founder(fact)
    row = (fact.payload.group_id, fact.local, fact.actor, is_private(fact.payload))
    db.execute("insert into groups values (?, ?, ?, ?)", row)


def _settle_request(db: Connection, fact: Fact[Any]) -> None:
    db.execute("insert into requests values (?) on conflict do nothing", (fact.payload.request_id,))
    if not db.changes():
        raise Refused


def _settle_person(db: Connection, fact: Fact[Any]) -> None:
    """Write down how many rows of theirs there are by then."""
    counts = [f"(select count(*) from {table} where person = ?1)" for table in ("roles", "admissions", "bans")]
    db.execute(f"insert into settled values (?1, {', '.join(counts)})", (fact.payload.person_id,))
