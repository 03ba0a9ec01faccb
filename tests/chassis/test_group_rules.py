"""Whom a group lets in and what it hides follows from its own registers, of the same reach, and from no other's."""

from __future__ import annotations

import pytest

from services.chassis.group_registers import APPROVED, DECLINED, ENDED
from services.chassis.group_rules import hides, lets_in
from tests.chassis.groups import ANNA, BENGT, CARLA, GROUP, OTHER, registers
from tests.support.tables import Tables

JOIN, POST, WRITTEN_AT = "join", "post", 20
PUBLIC, PRIVATE = 0, 1


def founded(private: int) -> Tables:
    """Return Anna's group, which Bengt has joined; there is another of its name for everything, in the other reach."""
    tables = registers()
    for local in (0, 1):
        tables.db.execute("insert into groups values (?, ?, ?, ?)", (GROUP, local, ANNA, private))
    for person in (ANNA, BENGT):
        tables.db.execute("insert into memberships values (?, 0, ?, ?)", (GROUP, person, JOIN))
    return tables


def admit(
    tables: Tables, state: int, *, person: str = BENGT, join: str = JOIN, group: str = GROUP, local: int = 0
) -> None:
    tables.db.execute("insert into admissions values (?, ?, ?, ?, ?)", (group, local, person, join, state))


def ban(tables: Tables, stays_until: int, *, person: str = BENGT, group: str = GROUP, local: int = 0) -> None:
    tables.db.execute("insert into bans values (?, ?, ?, ?)", (group, local, person, stays_until))


def moderate(tables: Tables, hidden: int, *, content: str = POST, group: str = GROUP, local: int = 0) -> None:
    tables.db.execute("insert into moderation values (?, ?, ?, ?)", (content, local, group, hidden))


def members(tables: Tables) -> list[str]:
    rows = tables.rows(
        f"select m.person, {lets_in('g', 'm')} from memberships m join groups g on g.id = m.group_id and g.local = m.local"
    )
    return [person for person, inside in rows if inside == 1]


def is_hidden(tables: Tables, author: str = BENGT) -> bool:
    """Whether the group hides what the author wrote, as a projection has it under names of its own."""
    written = "(select ? as id, 0 as local, ? as author, ? as origin_sequence, ? as inside) w"
    ((hidden,),) = tables.rows(f"select {hides('w.inside', 'w')} from {written}", POST, author, WRITTEN_AT, GROUP)
    return bool(hidden)


@pytest.mark.parametrize(
    ("private", "state", "inside"),
    [
        (PUBLIC, None, True),
        (PUBLIC, DECLINED, True),
        (PUBLIC, APPROVED, True),
        (PUBLIC, ENDED, False),
        (PRIVATE, None, False),
        (PRIVATE, DECLINED, False),
        (PRIVATE, APPROVED, True),
        (PRIVATE, ENDED, False),
    ],
)
def test_a_join_lets_in_until_it_is_ended_and_into_a_private_group_once_it_is_approved(
    private: int, state: int | None, inside: bool
) -> None:
    tables = founded(private)
    if state is not None:
        admit(tables, state)

    assert members(tables) == [ANNA, *([BENGT] if inside else [])]


@pytest.mark.parametrize("private", [PUBLIC, PRIVATE])
def test_who_is_banned_is_in_no_more_but_the_owner_always_is(private: int) -> None:
    tables = founded(private)
    admit(tables, APPROVED)
    assert members(tables) == [ANNA, BENGT]

    for person in (ANNA, BENGT):
        ban(tables, WRITTEN_AT, person=person)

    assert members(tables) == [ANNA]


def test_what_is_said_of_another_join_group_person_or_reach_lets_nobody_in_and_sends_nobody_away() -> None:
    public, private = founded(PUBLIC), founded(PRIVATE)
    for tables, state in ((public, ENDED), (private, APPROVED)):
        admit(tables, state, join="another")
        admit(tables, state, group=OTHER)
        admit(tables, state, local=1)
        admit(tables, state, person=ANNA)
    ban(public, 0, group=OTHER)
    ban(public, 0, local=1)
    ban(public, 0, person=CARLA)

    assert members(public) == [ANNA, BENGT]
    assert members(private) == [ANNA]


def test_a_group_hides_what_its_moderators_have_hidden_until_they_restore_it() -> None:
    tables = founded(PUBLIC)
    assert not is_hidden(tables)
    moderate(tables, 1, content="another")
    moderate(tables, 1, group=OTHER)
    moderate(tables, 1, local=1)
    assert not is_hidden(tables)

    moderate(tables, 1)
    assert is_hidden(tables)
    tables.db.execute("update moderation set hidden = 0 where content_id = ? and local = 0", (POST,))
    assert not is_hidden(tables)


@pytest.mark.parametrize(("stays_until", "hidden"), [(WRITTEN_AT - 1, True), (WRITTEN_AT, False)])
def test_a_ban_hides_what_was_written_after_the_point_that_it_names(stays_until: int, hidden: bool) -> None:
    tables = founded(PUBLIC)
    ban(tables, 0, person=ANNA)
    ban(tables, 0, group=OTHER)
    ban(tables, 0, local=1)
    assert not is_hidden(tables)

    ban(tables, stays_until)

    assert is_hidden(tables) == hidden


@pytest.mark.parametrize(("state", "hidden"), [(None, True), (DECLINED, True), (APPROVED, False), (ENDED, False)])
def test_a_private_group_hides_what_those_wrote_whom_it_never_let_in(state: int | None, hidden: bool) -> None:
    tables = founded(PRIVATE)
    admit(tables, APPROVED, person=ANNA)
    admit(tables, APPROVED, group=OTHER)
    admit(tables, APPROVED, local=1)
    if state is not None:
        admit(tables, state, join="of before")

    assert is_hidden(tables) == hidden
    assert not is_hidden(tables, author=ANNA)


def test_the_owner_of_a_private_group_needs_no_approval() -> None:
    assert not is_hidden(founded(PRIVATE), author=ANNA)


def test_a_group_that_has_yet_to_arrive_hides_what_its_registers_say() -> None:
    tables = registers()
    tables.db.execute("insert into groups values (?, 0, ?, ?)", (OTHER, ANNA, PRIVATE))
    assert not is_hidden(tables)

    moderate(tables, 1)

    assert is_hidden(tables)
