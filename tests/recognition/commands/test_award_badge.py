"""Badges are awarded, as often as each lets one giver in a month, and by whom it lets."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from samverka.recognition.v1.recognition_events_pb2 import BADGE_KIND_OFFICIAL, BadgeAwarded
from services.chassis.errors import SamverkaError
from tests.recognition.calls import award, badge, define, ids, retire, statement, withdraw
from tests.support.services import Member, Region, federate, open_region, refusal


async def test_an_award_shows_its_badge(region: Region, maja: Member, anna: Member, bengt: Member) -> None:
    hand = await define(maja, "Helping hand", value="Care", limit=3)

    given = await award(anna, hand.id, bengt.id, message="For Friday.")

    assert (given.badge.name, given.badge.viewer_awarded, given.value) == ("Helping hand", 1, "Care")
    assert [receiver.id for receiver in given.receivers] == [bengt.id]


async def test_nobody_awards_themselves(region: Region, maja: Member, anna: Member) -> None:
    hand = await define(maja)

    error = await refusal(award(anna, hand.id, anna.id))

    assert (error.code, error.field) == ("own_self", "receiver_id")
    assert not await region.events(BadgeAwarded)


async def test_awards_beyond_the_allowance_are_refused(maja: Member, anna: Member, bengt: Member) -> None:
    hand, other = await define(maja, limit=2), await define(maja, limit=2)
    for _ in range(2):
        await award(anna, hand.id, bengt.id)

    error = await refusal(award(anna, hand.id, maja.id))

    assert (error.code, error.field) == ("allowance_spent", "badge_id")
    await award(bengt, hand.id, anna.id)  # each giver has their own
    await award(anna, other.id, bengt.id)  # and of each badge
    assert (await badge(anna, hand.id)).viewer_awarded == 2


async def test_what_is_withdrawn_is_not_given_back(maja: Member, anna: Member, bengt: Member) -> None:
    hand = await define(maja, limit=1)
    given = await award(anna, hand.id, bengt.id)
    await withdraw(anna, given.id)

    assert (await refusal(award(anna, hand.id, bengt.id))).code == "allowance_spent"


async def test_an_allowance_begins_anew_with_each_month_in_utc(
    region: Region, maja: Member, anna: Member, bengt: Member
) -> None:
    hand = await define(maja, limit=1)
    midnight_ms = int(datetime(2024, 3, 1, tzinfo=UTC).timestamp() * 1000)
    region.clock.advance((midnight_ms - region.clock.wall_ms() - 1) / 1000)  # the last millisecond of a leap day

    february = await award(anna, hand.id, bengt.id)
    assert (await refusal(award(anna, hand.id, bengt.id))).code == "allowance_spent"
    region.clock.advance(0.001)
    march = await award(anna, hand.id, bengt.id)

    assert (february.given_at_ms, march.given_at_ms) == (midnight_ms - 1, midnight_ms)
    assert (await refusal(award(anna, hand.id, bengt.id))).code == "allowance_spent"


async def test_many_at_once_at_three_replicas_never_exceed_an_allowance(
    region: Region, maja: Member, anna: Member, bengt: Member
) -> None:
    replicas = [region.recognition, await region.add_recognition(), await region.add_recognition()]
    hand = await define(maja, limit=7)

    answers = await asyncio.gather(
        *(award(anna, hand.id, bengt.id, replica=replicas[number % 3]) for number in range(90)), return_exceptions=True
    )

    refused = {answer.code for answer in answers if isinstance(answer, SamverkaError)}
    assert refused <= {"allowance_spent", "contended"}
    assert len(await region.events(BadgeAwarded)) == 7
    assert (await statement(bengt, bengt.id)).total == 7


async def test_an_official_badge_is_awarded_by_those_it_names(maja: Member, anna: Member, bengt: Member) -> None:
    medal = await define(maja, kind=BADGE_KIND_OFFICIAL, awarders=[anna.id])

    await award(anna, medal.id, bengt.id)

    for giver in (bengt, maja):
        error = await refusal(award(giver, medal.id, anna.id))
        assert (error.code, error.field) == ("not_awarder", "badge_id")


async def test_an_official_badge_that_names_nobody_is_awarded_by_community_managers_of_its_home(
    tmp_path: Path, region: Region, maja: Member, anna: Member, bengt: Member
) -> None:
    medal = await define(maja, kind=BADGE_KIND_OFFICIAL)
    await award(maja, medal.id, anna.id)
    assert (await refusal(award(anna, medal.id, bengt.id))).code == "not_awarder"

    async with open_region(tmp_path / "tokyo", name="tokyo") as tokyo:
        await tokyo.add_recognition()
        await federate(region, tokyo)
        akira = await tokyo.member("akira", role="community_manager")

        assert (await refusal(award(akira, medal.id, anna.id))).code == "not_awarder"


async def test_a_retired_badge_is_awarded_no_longer_and_what_was_awarded_stays(
    maja: Member, anna: Member, bengt: Member
) -> None:
    hand = await define(maja)
    given = await award(anna, hand.id, bengt.id)
    await retire(maja, hand.id)

    error = await refusal(award(anna, hand.id, bengt.id))

    assert (error.code, error.field) == ("badge_retired", "badge_id")
    assert await ids(bengt) == [given.id]


async def test_a_badge_that_is_not_there_is_awarded_by_nobody(anna: Member, bengt: Member) -> None:
    error = await refusal(award(anna, bengt.id, bengt.id))

    assert (error.code, error.field) == ("badge_not_found", "badge_id")
