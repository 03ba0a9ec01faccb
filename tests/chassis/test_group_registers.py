"""What a group's register says of people is the group's to say, and of its decisions each is taken once."""

from __future__ import annotations

from typing import Any

import pytest

from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MEMBER,
    GROUP_ROLE_MODERATOR,
    GROUP_ROLE_OWNER,
    GROUP_VISIBILITY_PRIVATE,
    GROUP_VISIBILITY_PUBLIC,
    GROUP_VISIBILITY_UNSPECIFIED,
    GroupCreated,
    MemberBanned,
    MemberRemoved,
    MemberRoleSet,
    MembershipApproved,
    MembershipDeclined,
    MemberUnbanned,
)
from services.chassis.group_registers import APPROVED, DECLINED, ENDED, has_joined
from tests.chassis.groups import AKIRA, ANNA, BENGT, CARLA, GROUP, OTHER, decide, registers
from tests.support.tables import Tables, an_id

DECISIONS = (MembershipApproved, MembershipDeclined, MemberRemoved, MemberBanned, MemberUnbanned)
SENDING_AWAY = (MemberRemoved, MemberBanned)
UNKNOWN: Any = 7


@pytest.fixture
def tables() -> Tables:
    tables = registers()
    assert tables.apply(GroupCreated(group_id=GROUP), actor=ANNA, owner=GROUP)
    return tables


def give(tables: Tables, person: str, role: Any = GROUP_ROLE_MODERATOR, *, by: str = ANNA, owner: str = GROUP) -> bool:
    return tables.apply(MemberRoleSet(group_id=GROUP, person_id=person, role=role), actor=by, owner=owner)


def admissions(tables: Tables) -> list[tuple[Any, ...]]:
    return tables.rows("select person, join_id, state from admissions order by 1, 2")


def test_a_group_is_founded_in_its_own_register_by_who_lives_there() -> None:
    tables, group = registers(), GroupCreated(group_id=GROUP)
    of_a_region = an_id("anna", region="nowhere")

    assert not tables.apply(group, actor=ANNA, owner=ANNA)
    assert not tables.apply(group, actor=ANNA, owner=OTHER)
    assert not tables.apply(group, actor=AKIRA, owner=GROUP)
    assert not tables.apply(GroupCreated(group_id="nowhere"), actor=of_a_region, owner="nowhere")
    assert tables.apply(group, actor=ANNA, owner=GROUP)


@pytest.mark.parametrize(
    ("visibility", "private"),
    [
        (GROUP_VISIBILITY_UNSPECIFIED, 0),
        (GROUP_VISIBILITY_PUBLIC, 0),
        (GROUP_VISIBILITY_PRIVATE, 1),
        (UNKNOWN, 1),
    ],
)
def test_a_group_is_private_that_says_so_or_what_this_release_does_not_know(visibility: Any, private: int) -> None:
    tables = registers()
    assert tables.apply(GroupCreated(group_id=GROUP, visibility=visibility), actor=ANNA, owner=GROUP)

    assert tables.rows("select private from groups") == [(private,)]


def test_the_owner_alone_gives_roles_in_the_groups_register_and_none_to_themselves(tables: Tables) -> None:
    assert give(tables, BENGT)

    assert not give(tables, CARLA, by=BENGT)
    assert not give(tables, CARLA, owner=OTHER)
    assert not give(tables, ANNA)
    assert not give(tables, CARLA, GROUP_ROLE_OWNER)
    assert not give(tables, CARLA, UNKNOWN)
    assert give(tables, BENGT, GROUP_ROLE_MEMBER)
    assert tables.rows("select person, role from roles") == [(BENGT, GROUP_ROLE_MEMBER)]


@pytest.mark.parametrize("kind", DECISIONS)
def test_a_decision_is_a_moderators_in_the_groups_register(tables: Tables, kind: Any) -> None:
    assert give(tables, BENGT)
    assert give(tables, CARLA, GROUP_ROLE_MEMBER)

    assert not decide(tables, kind, AKIRA, by=CARLA)
    assert not decide(tables, kind, AKIRA, by=AKIRA)
    assert not decide(tables, kind, AKIRA, local=True)  # of that reach there is no such group
    elsewhere = kind(group_id=GROUP, person_id=AKIRA, request_id="elsewhere")
    assert not tables.apply(elsewhere, actor=ANNA, owner=OTHER)
    assert decide(tables, kind, AKIRA, by=BENGT)
    assert decide(tables, kind, AKIRA, by=ANNA)


@pytest.mark.parametrize("kind", DECISIONS)
def test_a_decision_on_a_request_that_is_settled_is_refused(tables: Tables, kind: Any) -> None:
    assert decide(tables, MembershipApproved, AKIRA, request_id="once")
    before = tables.content()

    assert not decide(tables, kind, AKIRA, request_id="once")

    assert tables.content() == before


@pytest.mark.parametrize("kind", SENDING_AWAY)
def test_nobody_sends_the_owner_away_and_only_the_owner_a_moderator(tables: Tables, kind: Any) -> None:
    for person in (BENGT, CARLA):
        assert give(tables, person)

    assert not decide(tables, kind, ANNA, by=ANNA)
    assert not decide(tables, kind, ANNA, by=BENGT)
    assert not decide(tables, kind, CARLA, by=BENGT)
    assert decide(tables, kind, CARLA, by=ANNA)


@pytest.mark.parametrize("kind", SENDING_AWAY)
def test_who_is_sent_away_loses_their_role_and_the_join_that_is_named(tables: Tables, kind: Any) -> None:
    assert give(tables, AKIRA)

    assert decide(tables, kind, AKIRA, join_id="join")

    assert tables.rows("select * from roles") == []
    assert admissions(tables) == [(AKIRA, "join", ENDED)]


def test_a_join_that_has_come_further_never_goes_back(tables: Tables) -> None:
    for kind, state in (
        (MembershipDeclined, DECLINED),
        (MembershipApproved, APPROVED),
        (MembershipDeclined, APPROVED),
        (MemberRemoved, ENDED),
        (MembershipApproved, ENDED),
    ):
        assert decide(tables, kind, AKIRA, join_id="join")
        assert admissions(tables) == [(AKIRA, "join", state)]


def test_a_ban_names_a_point_in_a_log_and_a_join_only_if_there_is_one(tables: Tables) -> None:
    assert not decide(tables, MemberBanned, AKIRA, stays_until=2**63)
    assert decide(tables, MemberBanned, AKIRA, stays_until=2**63 - 1)
    assert decide(tables, MemberBanned, AKIRA, stays_until=5)

    assert tables.rows("select person, stays_until from bans") == [(AKIRA, 5)]
    assert admissions(tables) == []
    assert decide(tables, MemberUnbanned, AKIRA)
    assert tables.rows("select * from bans") == []


def test_what_follows_is_seen_to_when_the_decision_is_written(tables: Tables) -> None:
    assert give(tables, AKIRA)
    for kind in (MembershipApproved, MemberBanned, MemberUnbanned):
        assert decide(tables, kind, AKIRA)

    assert tables.rows("select roles, admissions, bans from settled") == [(1, 1, 0), (0, 1, 1), (0, 1, 0)]


def test_who_has_joined_has_done_so_in_that_reach(tables: Tables) -> None:
    tables.db.execute("insert into memberships values (?, 0, ?, 'join')", (GROUP, AKIRA))

    assert has_joined(tables.db, GROUP, AKIRA, local=False)
    assert not has_joined(tables.db, GROUP, AKIRA, local=True)
    assert not has_joined(tables.db, GROUP, BENGT, local=False)
    assert not has_joined(tables.db, OTHER, AKIRA, local=False)
