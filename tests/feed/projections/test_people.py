"""What the feed keeps of people, and whose posts come into whose home feed."""

from __future__ import annotations

from samverka.profile.v1.profile_events_pb2 import PersonFollowed, PersonRegistered, PersonUnfollowed, ProfileEdited
from services.feed.projections import feed_projection
from tests.support.tables import Tables, an_id

ANNA, BENGT = an_id("anna"), an_id("bengt")


def registered() -> Tables:
    tables = Tables(feed_projection())
    tables.apply(PersonRegistered(person_id=ANNA, handle="anna", name="Anna"), actor=ANNA)
    return tables


def sources(tables: Tables) -> set[tuple[str, str]]:
    return {(reader, author) for reader, author in tables.rows("select * from home_sources")}


def test_ones_own_posts_come_into_ones_home_feed_for_ever() -> None:
    tables = registered()
    tables.apply(PersonFollowed(person_id=ANNA, followed_id=BENGT), actor=ANNA)
    assert sources(tables) == {(ANNA, ANNA), (ANNA, BENGT)}

    for other in (ANNA, BENGT):
        tables.apply(PersonUnfollowed(person_id=ANNA, followed_id=other), actor=ANNA)

    assert sources(tables) == {(ANNA, ANNA)}


def test_nobody_chooses_for_another() -> None:
    tables = registered()

    for payload in (
        PersonFollowed(person_id=ANNA, followed_id=BENGT),
        PersonUnfollowed(person_id=ANNA, followed_id=ANNA),
        PersonRegistered(person_id=ANNA, handle="mallory", name="Mallory"),
        ProfileEdited(person_id=ANNA, name="Mallory"),
    ):
        assert not tables.apply(payload, actor=BENGT)
    assert tables.rows("select handle, name from people") == [("anna", "Anna")]


def test_a_name_follows_its_person() -> None:
    tables = registered()

    tables.apply(ProfileEdited(person_id=ANNA, name="Anna Berg"), actor=ANNA)

    assert tables.rows("select handle, name from people") == [("anna", "Anna Berg")]
