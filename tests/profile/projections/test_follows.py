"""What the profile service makes of follows, in whatever order they come."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from samverka.profile.v1.profile_events_pb2 import PersonFollowed, PersonRegistered, PersonUnfollowed, ProfileEdited
from services.profile.projections import profile_projection
from tests.support.chance import CHANCE
from tests.support.interleaving import interleaved
from tests.support.tables import Tables, an_id

PEOPLE = [an_id(f"{region}-{n}", region=region) for region in ("stockholm", "tokyo", "lima") for n in range(2)]
PERSON = st.sampled_from(PEOPLE)
FACT = st.one_of(
    st.builds(PersonRegistered, person_id=PERSON, handle=st.sampled_from(["anna", "bengt"]), name=st.just("A")),
    st.builds(ProfileEdited, person_id=PERSON, name=st.sampled_from(["B", "C"]), manager_id=PERSON),
    st.builds(PersonFollowed, person_id=PERSON, followed_id=PERSON),
    st.builds(PersonUnfollowed, person_id=PERSON, followed_id=PERSON),
)
FACTS = st.lists(st.tuples(PERSON, FACT), max_size=40)
COUNTS = """
    select id, follower_count, following_count,
        (select count(*) from follows where followed = id), (select count(*) from follows where follower = id)
    from people
"""


def applied(facts: Sequence[tuple[str, Message]]) -> Tables:
    tables = Tables(profile_projection())
    for actor, payload in facts:
        tables.apply(payload, actor=actor)
    return tables


def test_nobody_follows_or_unfollows_for_another() -> None:
    anna, bengt = PEOPLE[:2]
    tables = applied([(anna, PersonFollowed(person_id=anna, followed_id=bengt))])

    assert not tables.apply(PersonFollowed(person_id=anna, followed_id=PEOPLE[2]), actor=bengt)
    assert not tables.apply(PersonUnfollowed(person_id=anna, followed_id=bengt), actor=bengt)
    assert tables.rows("select * from follows") == [(anna, bengt)]


def test_nobody_follows_themselves_whatever_their_region_says() -> None:
    anna = PEOPLE[0]
    tables = applied([(anna, PersonRegistered(person_id=anna, handle="anna", name="Anna"))])

    assert not tables.apply(PersonFollowed(person_id=anna, followed_id=anna), actor=anna)
    assert tables.rows("select follower_count from people") == [(0,)]


def test_a_register_is_written_once_however_often_it_is_said() -> None:
    anna, bengt = PEOPLE[:2]
    tables = applied([(bengt, PersonRegistered(person_id=bengt, handle="bengt", name="Bengt"))])
    for payload, followers in ((PersonFollowed, 1), (PersonUnfollowed, 0)):
        for _ in range(3):
            tables.apply(payload(person_id=anna, followed_id=bengt), actor=anna)
            assert tables.rows("select follower_count from people") == [(followers,)]


def test_follows_before_the_person_count_when_the_person_comes() -> None:
    anna, akira = PEOPLE[0], PEOPLE[2]
    tables = applied(
        [
            (akira, PersonFollowed(person_id=akira, followed_id=anna)),
            (anna, PersonRegistered(person_id=anna, handle="anna", name="Anna")),
        ]
    )

    assert tables.rows("select follower_count, following_count from people") == [(1, 0)]


@given(FACTS)
def test_the_counts_are_those_of_the_registers(facts: list[tuple[str, Message]]) -> None:
    for _, followers, following, counted_followers, counted_following in applied(facts).rows(COUNTS):
        assert (followers, following) == (counted_followers, counted_following)


@given(FACTS, CHANCE)
def test_the_interleaving_of_the_origins_does_not_matter(facts: list[tuple[str, Message]], chance: Random) -> None:
    assert applied(interleaved(facts, chance)).content() == applied(facts).content()
