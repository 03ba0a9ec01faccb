"""Badges are defined and retired by community managers of their home."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from samverka.recognition.v1.recognition_events_pb2 import BADGE_KIND_OFFICIAL, BADGE_KIND_PEER, BadgeDefined
from tests.recognition.calls import badge, badges, define, retire
from tests.support.services import Member, Region, federate, open_region, person_id, refusal


async def test_a_badge_holds_what_it_was_defined_by(maja: Member, anna: Member) -> None:
    medal = await define(
        maja, "Medal", criteria="For *years*.", kind=BADGE_KIND_OFFICIAL, value="Care", limit=5, awarders=[anna.id]
    )

    assert (medal.name, medal.criteria, medal.kind, medal.value) == (
        "Medal",
        "For *years*.",
        BADGE_KIND_OFFICIAL,
        "Care",
    )
    assert (medal.monthly_limit, list(medal.awarder_ids), medal.retired) == (5, [anna.id], False)
    assert await badge(anna, medal.id) == medal


@pytest.mark.parametrize("role", ["", "member", "moderator", "admin"])
async def test_nobody_but_a_community_manager_defines_or_retires(region: Region, maja: Member, role: str) -> None:
    hand = await define(maja)
    member = await region.member("other", role=role)

    assert (await refusal(define(member))).code == "role_missing"
    assert (await refusal(retire(member, hand.id))).code == "role_missing"


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"name": ""}, "empty", "name"),
        ({"criteria": ""}, "empty", "criteria"),
        ({"kind": 0}, "unknown_badge_kind", "kind"),
        ({"limit": 1_001}, "out_of_range", "monthly_limit"),
        ({"awarders": [person_id("maja")]}, "peers_award", "awarder_ids"),
        ({"kind": BADGE_KIND_OFFICIAL, "awarders": [person_id("nobody")]}, "person_not_found", "awarder_ids"),
        (
            {"kind": BADGE_KIND_OFFICIAL, "awarders": [person_id(str(number)) for number in range(101)]},
            "too_many_people",
            "awarder_ids",
        ),
    ],
)
async def test_what_cannot_be_a_badge_is_refused(maja: Member, fields: dict[str, Any], code: str, field: str) -> None:
    error = await refusal(define(maja, **fields))

    assert (error.code, error.field) == (code, field)


async def test_one_key_defines_one_badge(region: Region, maja: Member) -> None:
    assert await define(maja, under="k1") == await define(maja, under="k1")
    assert len(await region.events(BadgeDefined)) == 1


async def test_retired_badges_are_listed_when_they_are_asked_for(maja: Member, anna: Member) -> None:
    first, second = await define(maja, "One"), await define(maja, "Two")
    assert (await retire(maja, first.id)).retired
    assert (await retire(maja, first.id)).retired  # again is nothing

    assert [edge.node.id for edge in (await badges(anna)).edges] == [second.id]
    assert [edge.node.id for edge in (await badges(anna, retired_too=True)).edges] == [second.id, first.id]


async def test_badges_come_in_pages(maja: Member) -> None:
    made = [(await define(maja, str(number))).id for number in range(3)]

    page = await badges(maja, first=2)
    rest = await badges(maja, first=2, after=page.page_info.end_cursor)

    assert [edge.node.id for edge in (*page.edges, *rest.edges)] == made[::-1]
    assert (page.page_info.has_next_page, rest.page_info.has_next_page) == (True, False)
    assert (page.page_info.has_previous_page, rest.page_info.has_previous_page) == (False, True)


async def test_a_badge_is_retired_at_its_home_alone(tmp_path: Path, region: Region, maja: Member) -> None:
    hand = await define(maja, kind=BADGE_KIND_PEER)
    async with open_region(tmp_path / "tokyo", name="tokyo") as tokyo:
        await tokyo.add_recognition()
        await federate(region, tokyo)
        akira = await tokyo.member("akira", role="community_manager")

        error = await refusal(retire(akira, hand.id))

        assert (error.code, error.field) == ("badge_elsewhere", "badge_id")
