"""Whatever was said by whom: what each path shows to each viewer is what the simplest reading of the rules says."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given

from services.chassis.paging import PageRequest
from services.recognition.domain.statements import Period
from services.recognition.queries.get_review_statement import get_review_statement
from services.recognition.queries.list_recognitions import list_recognitions
from services.recognition.queries.recognitions_since import concerned, recognitions_since
from services.recognition.views import find_recognition
from tests.recognition.projections.facts import FACTS, GIFTS, PEOPLE, PERSON, Said, applied
from tests.support.tables import Tables

MONTH, EPOCH, ALL = 202311, "e", PageRequest(100, None)


def gifts(tables: Tables) -> list[dict[str, Any]]:
    """Return what counts, newest first, read as plainly as it can be."""
    managers = dict(tables.rows("select id, manager_id from people"))
    rows = tables.rows("select sequence, id, giver, receivers, private from recognitions where counts order by 1 desc")
    found = []
    for sequence, gift_id, giver, receivers, private in rows:
        known = [person for person in orjson.loads(receivers) if person in managers]
        concerns = {giver, *known, *(managers[person] for person in known)} if known else set()
        sees = set(PEOPLE) if known and not private else concerns
        found.append({"sequence": sequence, "id": gift_id, "of": {giver, *known}, "concerns": concerns, "sees": sees})
    return found


@given(FACTS, PERSON)
def test_lists_show_what_the_viewer_may_see_and_no_more(facts: list[Said], viewer: str) -> None:
    tables = applied(facts)
    seen = [gift for gift in gifts(tables) if viewer in gift["sees"]]

    def listed(of: str) -> list[str]:
        page = list_recognitions(tables.db, of, ALL, viewer=viewer, month=MONTH, epoch=EPOCH)
        return [edge.node.id for edge in page.edges]

    assert listed("") == [gift["id"] for gift in seen]
    for person in PEOPLE:
        in_row = "select 1 from receivers where person = ? and sequence = ?"
        own = [gift["id"] for gift in seen if person in gift["of"] or tables.rows(in_row, person, gift["sequence"])]
        assert listed(person) == own


@given(FACTS, PERSON)
def test_a_page_ends_where_nothing_more_is_for_the_viewer(facts: list[Said], viewer: str) -> None:
    tables = applied(facts)
    seen = [gift["id"] for gift in gifts(tables) if viewer in gift["sees"]]
    one = list_recognitions(tables.db, "", PageRequest(1, None), viewer=viewer, month=MONTH, epoch=EPOCH)

    assert [edge.node.id for edge in one.edges] == seen[:1]
    assert one.page_info.has_next_page == (len(seen) > 1)


@given(FACTS, PERSON)
def test_by_its_id_one_finds_what_one_may_see_and_no_more(facts: list[Said], viewer: str) -> None:
    tables = applied(facts)
    seen = {gift["id"] for gift in gifts(tables) if viewer in gift["sees"]}

    found = {one for one in GIFTS if find_recognition(tables.db, one, viewer=viewer, month=MONTH)}
    assert found == seen


@given(FACTS, PERSON)
def test_a_watcher_is_shown_what_concerns_them_and_no_more(facts: list[Said], viewer: str) -> None:
    tables = applied(facts)
    mine = [gift for gift in gifts(tables) if viewer in gift["concerns"]]
    updates = recognitions_since(tables.db, 0, viewer=viewer, month=MONTH, epoch=EPOCH, most=100)

    assert [update.recognition_id for update in updates if update.HasField("recognition")] == [
        gift["id"] for gift in reversed(mine)
    ]
    assert all(viewer in concerned(tables.db, [gift["sequence"]]) for gift in mine)


@given(FACTS, PERSON)
def test_a_watcher_is_told_of_what_was_withdrawn_from_them_alone(facts: list[Said], viewer: str) -> None:
    tables = applied(facts)
    updates = recognitions_since(tables.db, 0, viewer=viewer, month=MONTH, epoch=EPOCH, most=100)
    told = {update.recognition_id for update in updates if not update.HasField("recognition")}

    managers = dict(tables.rows("select id, manager_id from people"))
    for gift_id, giver, receivers, sequence in tables.rows(
        "select id, giver, receivers, withdrawals.sequence from recognitions join withdrawals using (id)"
    ):
        known = [person for person in orjson.loads(receivers) if person in managers]
        concerns = {giver, *known, *(managers[person] for person in known)} if known else set()
        assert (gift_id in told) == (viewer in concerns)
        assert concerns <= concerned(tables.db, [sequence])


@given(FACTS, PERSON)
def test_a_statement_counts_what_it_gives_as_evidence(facts: list[Said], person: str) -> None:
    tables = applied(facts)
    if not tables.rows("select 1 from people where id = ?", person):
        return
    shown = get_review_statement(tables.db, person, Period(0, 2**40 * 4), ALL, viewer=person, month=MONTH, epoch=EPOCH)
    evidence = [edge.node for edge in shown.evidence.edges]

    expected = tables.rows(
        "select id from recognitions join receivers using (sequence) where person = ? and counts order by sequence desc",
        person,
    )
    assert [(node.id,) for node in evidence] == expected
    assert shown.total == len(evidence)
    assert shown.thanks == sum(not node.HasField("badge") for node in evidence)
    assert {(total.badge.id, total.count) for total in shown.badges} == _totals(
        [node.badge.id for node in evidence if node.HasField("badge")]
    )
    assert {(total.value, total.count) for total in shown.values} == _totals(
        [node.value for node in evidence if node.value]
    )


def _totals(names: list[str]) -> set[tuple[str, int]]:
    return {(name, names.count(name)) for name in names}
