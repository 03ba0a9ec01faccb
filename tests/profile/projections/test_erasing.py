"""An erasure leaves the directory as if the person had never come."""

from __future__ import annotations

from google.protobuf.message import Message
from hypothesis import given

from services.profile.projections import profile_projection
from tests.profile.projections.test_follows import FACTS, PERSON, applied


@given(FACTS, PERSON)
def test_what_is_left_is_what_there_would_be_without_the_person(facts: list[tuple[str, Message]], person: str) -> None:
    tables = applied(facts)

    profile_projection().erase(tables.db, person)

    assert tables.content() == applied([fact for fact in facts if fact[0] != person]).content()
