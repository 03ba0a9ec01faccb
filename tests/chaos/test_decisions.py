"""Facts about what moderators are told: whatever was acknowledged to them has to be done in the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from chaos.client import Client, Outcome, Write
from chaos.decisions import check_told, moderations, read_told
from chaos.findings import Kind
from tests.chaos.content import ANNA, BOB, JOURNAL, expected

ASKED = moderations(JOURNAL, expected())


class Region(Client):
    """Tells of every moderation the same, and keeps under which keys it was asked."""

    def __init__(self, payload: Mapping[str, Any], code: str = "") -> None:
        self._outcome = Outcome(payload, code, attempts=1)
        self.keys: list[str] = []

    async def write(self, write: Write, key: str) -> Outcome:
        self.keys.append(key)
        return self._outcome


def test_what_homes_of_groups_decide_is_asked_for_again_and_what_who_asked_accepts_is_not() -> None:
    assert [(entry.person, entry.field) for entry in ASKED] == [
        (ANNA, "hideContent"),
        (ANNA, "restoreContent"),
        (ANNA, "hideContent"),
        (BOB, "acceptAnswer"),
    ]


@pytest.mark.parametrize(
    ("payload", "code", "wrong"),
    [
        ({"moderation": {"state": "DONE", "declinedReason": None}}, "", False),
        ({"moderation": {"state": "PENDING", "declinedReason": None}}, "", True),
        ({"moderation": {"state": "DECLINED", "declinedReason": "not_moderator"}}, "", True),
        ({"moderation": None}, "", True),
        ({}, "not_moderator", True),
    ],
    ids=str,
)
async def test_what_is_not_done_is_found(payload: Mapping[str, Any], code: str, *, wrong: bool) -> None:
    region = Region(payload, code)

    told = await read_told({ANNA: region, BOB: region}, ASKED)

    assert region.keys == [entry.key for entry in ASKED]
    assert [finding.kind for finding in check_told(told)] == [Kind.LOST] * len(ASKED) * wrong
