"""An erasure leaves the feed as if the person had never written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.feed.projections.erasing import erase_person
from tests.feed.projections.test_projections import MANY, applied
from tests.feed.said import FACTS, PEOPLE, Said, each_id_of_one_person


@MANY
@given(FACTS, st.sampled_from(PEOPLE))
def test_what_is_left_is_what_there_would_be_without_the_person(facts: list[Said], person: str) -> None:
    """What a group decides is the group's, whoever asked for it."""
    facts = each_id_of_one_person(facts)
    erased, without = applied(facts), applied([said for said in facts if (said.owner or said.actor) != person])

    for tables in (erased, without):
        erase_person(tables.db, person)

    assert erased.content() == without.content()
