"""What people may react with."""

from __future__ import annotations

import emoji
import pytest

from services.chassis.errors import Invalid
from services.feed.domain.reactions import parse_emoji


@pytest.mark.parametrize("one", ["👍", "👍🏽", "❤️", "🏳️‍🌈", "👩‍👩‍👧‍👦", "🇸🇪", "1️⃣"])
def test_one_emoji_is_one_reaction(one: str) -> None:
    assert parse_emoji(one) == one


@pytest.mark.parametrize(("typed", "kept"), [("❤", "❤️"), ("☺", "☺️"), ("🏳‍🌈", "🏳️‍🌈"), ("1⃣", "1️⃣")])
def test_two_spellings_of_an_emoji_are_one_reaction(typed: str, kept: str) -> None:
    assert parse_emoji(typed) == kept


def test_every_reaction_is_fully_qualified() -> None:
    qualified = emoji.STATUS["fully_qualified"]
    for text, data in emoji.EMOJI_DATA.items():
        if data["status"] != emoji.STATUS["component"]:
            kept = parse_emoji(text)
            assert emoji.EMOJI_DATA[kept]["status"] == qualified
            assert parse_emoji(kept) == kept


@pytest.mark.parametrize(
    "text", ["", " ", "a", "1", "👍👍", "👍 ", " 👍", ":+1:", "👍\u200d", "🏽", "\ufe0f", "❤️❤", "a" * 9_999]
)
def test_all_else_is_no_reaction(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_emoji(text)
    assert (refused.value.code, refused.value.field) == ("not_an_emoji", "emoji")
