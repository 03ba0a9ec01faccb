"""What the profile service makes of people's registrations and edits, forged ones too."""

from __future__ import annotations

from samverka.profile.v1.profile_events_pb2 import WEEKDAY_MONDAY, PersonRegistered, ProfileEdited, WorkingHours
from services.profile.projections import profile_projection
from tests.support.tables import Tables, an_id

ANNA, BENGT, AKIRA = an_id("anna"), an_id("bengt"), an_id("akira", region="tokyo")
NAMES = "select id, handle, name from people order by handle"


def test_nobody_registers_or_edits_another() -> None:
    tables = Tables(profile_projection())
    tables.apply(PersonRegistered(person_id=ANNA, handle="anna", name="Anna"), actor=ANNA)

    assert not tables.apply(PersonRegistered(person_id=BENGT, handle="bengt", name="Bengt"), actor=ANNA)
    assert not tables.apply(ProfileEdited(person_id=ANNA, name="Mallory"), actor=AKIRA)
    assert tables.rows(NAMES) == [(ANNA, "anna", "Anna")]


def test_the_first_registration_of_a_person_and_of_a_handle_holds() -> None:
    tables = Tables(profile_projection())
    tables.apply(PersonRegistered(person_id=ANNA, handle="anna", name="Anna"), actor=ANNA)
    tables.apply(PersonRegistered(person_id=ANNA, handle="other", name="Other"), actor=ANNA)
    tables.apply(PersonRegistered(person_id=BENGT, handle="anna", name="Bengt"), actor=BENGT)

    assert tables.rows(NAMES) == [(ANNA, "anna", "Anna")]


def test_a_handle_is_unique_in_its_own_region_only() -> None:
    tables = Tables(profile_projection())
    for person in (ANNA, AKIRA):
        tables.apply(PersonRegistered(person_id=person, handle="anna", name="Anna"), actor=person)

    assert tables.rows("select region from people order by region") == [("stockholm",), ("tokyo",)]


def test_nobody_leads_themselves_or_works_at_no_time_whatever_their_region_says() -> None:
    tables = Tables(profile_projection())
    tables.apply(PersonRegistered(person_id=ANNA, handle="anna", name="Anna"), actor=ANNA)
    night = WorkingHours(weekday=WEEKDAY_MONDAY, start_minute=1320, end_minute=360)

    assert not tables.apply(ProfileEdited(person_id=ANNA, name="A", manager_id=ANNA), actor=ANNA)
    assert not tables.apply(ProfileEdited(person_id=ANNA, name="A", working_hours=[night]), actor=ANNA)
    assert tables.rows(NAMES) == [(ANNA, "anna", "Anna")]


def test_a_time_zone_that_is_not_known_here_is_kept() -> None:
    tables = Tables(profile_projection())
    tables.apply(PersonRegistered(person_id=ANNA, handle="anna", name="Anna"), actor=ANNA)

    assert tables.apply(ProfileEdited(person_id=ANNA, name="Anna", time_zone="Mars/Olympus"), actor=ANNA)
    assert tables.rows("select time_zone from people") == [("Mars/Olympus",)]
