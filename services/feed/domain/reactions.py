"""What people may react with: one emoji, as Unicode recommends it for general interchange (UTS #51, RGI)."""

from __future__ import annotations

import emoji

from services.chassis.errors import Invalid

EMOJI_PER_PERSON_MAX = 20
"""Different emoji that one person may put on one target."""


def parse_emoji(text: str) -> str:
    """Return the emoji in its fully qualified form. Raises Invalid for anything that is not exactly one.

    What keyboards send differs by invisible selectors; written alike, the same emoji is counted together.
    """
    known = emoji.EMOJI_DATA.get(text)
    if known is None or known["status"] == emoji.STATUS["component"]:  # a skin tone alone, or hair
        raise Invalid("A reaction is one emoji.", code="not_an_emoji", field="emoji")
    return text if known["status"] == emoji.STATUS["fully_qualified"] else emoji.emojize(emoji.demojize(text))
