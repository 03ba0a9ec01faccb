"""What the regions of a test say about people, badges and gifts, forged things among it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from google.protobuf.message import Message
from hypothesis import strategies as st

from samverka.profile.v1.profile_events_pb2 import PersonRegistered, ProfileEdited
from samverka.recognition.v1.recognition_events_pb2 import (
    BADGE_KIND_OFFICIAL,
    BADGE_KIND_PEER,
    VISIBILITY_PRIVATE,
    VISIBILITY_PUBLIC,
    BadgeAwarded,
    BadgeDefined,
    BadgeRetired,
    RecognitionWithdrawn,
    ThanksGiven,
)
from services.chassis.ids import home_of, region_of
from services.recognition.projections import recognition_projection
from tests.support.tables import Tables, an_id

REGIONS = ("stockholm", "tokyo", "lima")
PEOPLE = [an_id(f"person {n}", region=region) for region in REGIONS for n in range(2)]
BADGES = [an_id(f"badge {n}", region=region) for region in REGIONS for n in range(2)]
GIFTS_EACH = 3
GIFTS = [an_id(f"gift {n} of {person}", region=region_of(person)) for person in PEOPLE for n in range(GIFTS_EACH)]
PERSON = st.sampled_from(PEOPLE)
MONTHS_MS = (1_700_000_000_000, 1_702_000_000_000)  # November and December 2023

Said: TypeAlias = tuple[str, str, Message]
"""Who says it, in whose register, and what."""

_VISIBILITY = st.sampled_from([VISIBILITY_PUBLIC, VISIBILITY_PRIVATE])
_AT_MS = st.sampled_from(MONTHS_MS)


def _own(payload: st.SearchStrategy[Any]) -> st.SearchStrategy[Said]:
    return st.tuples(PERSON, payload).map(lambda said: (said[0], said[0], said[1]))


def _by_person(person: str) -> st.SearchStrategy[Said]:
    home = GIFTS[PEOPLE.index(person) * GIFTS_EACH :][:GIFTS_EACH]
    payload = st.one_of(
        st.builds(PersonRegistered, person_id=st.just(person), handle=st.just("h"), name=st.just("N")),
        st.builds(
            ProfileEdited, person_id=st.just(person), name=st.just("M"), manager_id=st.sampled_from([*PEOPLE, ""])
        ),
        st.builds(
            ThanksGiven,
            recognition_id=st.sampled_from(home),
            receiver_ids=st.lists(PERSON, max_size=3),
            message=st.just("thanks"),
            value=st.sampled_from(["", "Care"]),
            visibility=_VISIBILITY,
            given_at_ms=_AT_MS,
        ),
        st.builds(
            BadgeAwarded,
            recognition_id=st.sampled_from(home),
            badge_id=st.sampled_from(BADGES),
            receiver_id=PERSON,
            message=st.just("award"),
            visibility=_VISIBILITY,
            given_at_ms=_AT_MS,
        ),
        st.builds(RecognitionWithdrawn, recognition_id=st.sampled_from(GIFTS)),
    )
    return payload.map(lambda said: (person, person, said))


def _by_home(badge: str) -> st.SearchStrategy[Said]:
    kind = st.sampled_from([BADGE_KIND_PEER, BADGE_KIND_OFFICIAL])
    payload = st.one_of(
        st.builds(
            BadgeDefined,
            badge_id=st.just(badge),
            name=st.just("Badge"),
            kind=kind,
            value=st.sampled_from(["", "Courage"]),
            monthly_limit=st.integers(0, 2),
            awarder_ids=st.lists(PERSON, max_size=2),
        ),
        st.builds(BadgeRetired, badge_id=st.just(badge)),
    )
    return st.tuples(PERSON, payload).map(lambda said: (said[0], badge, said[1]))


def _everybody() -> list[Said]:
    """Return that all are there, each led by the next."""
    led = zip(PEOPLE, [*PEOPLE[1:], PEOPLE[0]], strict=True)
    registered: list[Said] = [(one, one, PersonRegistered(person_id=one, handle="h", name="N")) for one in PEOPLE]
    return registered + [
        (one, one, ProfileEdited(person_id=one, name="N", manager_id=next_one)) for one, next_one in led
    ]


_BEGINNING = st.sampled_from([[], _everybody(), _everybody()])
_ANYTHING = st.lists(st.one_of(PERSON.flatmap(_by_person), st.sampled_from(BADGES).flatmap(_by_home)), max_size=40)
FACTS = st.tuples(_BEGINNING, _ANYTHING).map(lambda parts: [*parts[0], *parts[1]])


def origin_of(said: Said) -> str:
    """Return where something was written."""
    return home_of(said[1])


def applied(facts: Sequence[Said]) -> Tables:
    """Return the tables that follow from facts, in their order."""
    tables = Tables(recognition_projection())
    for actor, owner, payload in facts:
        tables.apply(payload, actor=actor, owner=owner)
    return tables
