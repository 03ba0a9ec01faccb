"""A private group as a journal notes it, and as a region shows it that holds everything of it."""

from __future__ import annotations

from chaos.expected import Expected
from chaos.reading import ShownComment, ShownPost
from chaos.rules import expect
from chaos.shown_circles import ShownCircle
from tests.chaos.content import ANNA, BOB, KENJI, noted

CIRCLE = "stockholm_C"
LUZ, EVE = "lima_LUZ", "austin_EVE"
JOURNAL = (
    noted(ANNA, "createGroup", CIRCLE, name="among us", reach="NETWORK", visibility="PRIVATE"),
    noted(KENJI, "requestMembership", groupId=CIRCLE),
    noted(ANNA, "approveMembership", groupId=CIRCLE, personId=KENJI),
    noted(LUZ, "requestMembership", groupId=CIRCLE),
    noted(ANNA, "approveMembership", groupId=CIRCLE, personId=LUZ),
    noted(BOB, "requestMembership", groupId=CIRCLE),
    noted(ANNA, "createPost", "stockholm_S1", body="secret", groupId=CIRCLE),
    noted(LUZ, "createPost", "lima_S2", body="before", groupId=CIRCLE),
    noted(LUZ, "addComment", "lima_D1", postId="stockholm_S1", body="late"),
    noted(LUZ, "createPost", "lima_S3", body="late too", groupId=CIRCLE),
    noted(KENJI, "addComment", "tokyo_D2", postId="stockholm_S1", body="hush"),
    noted(ANNA, "banMember", groupId=CIRCLE, personId=LUZ),
    noted(KENJI, "createPost", "tokyo_S4", body="an advertisement", groupId=CIRCLE),
    noted(KENJI, "addComment", "tokyo_D3", postId="tokyo_S4", body="buy it"),
    noted(KENJI, "addComment", "tokyo_D4", postId="stockholm_S1", body="buy this"),
    noted(KENJI, "createPost", "tokyo_S5", body="hidden, and shown again", groupId=CIRCLE),
    noted(KENJI, "addComment", "tokyo_D5", postId="tokyo_S5", body="so is this"),
    *(noted(ANNA, "hideContent", contentId=name) for name in ("tokyo_S4", "tokyo_D4", "tokyo_S5", "tokyo_D5")),
    noted(ANNA, "restoreContent", contentId="tokyo_S5"),
    noted(ANNA, "restoreContent", contentId="tokyo_D5"),
)


def expected() -> Expected:
    """Return what must be shown, with what Luz wrote behind her ban."""
    held = expect(JOURNAL)
    held.posts["lima_S3"].banished = held.comments["lima_D1"].banished = True
    return held


def shown(person: str) -> ShownCircle:
    """Return what somebody is shown in their region."""
    region = person.partition("_")[0]
    if person not in (ANNA, KENJI):
        return ShownCircle(region, person, CIRCLE)
    return ShownCircle(
        region,
        person,
        CIRCLE,
        name="among us",
        count=2,
        members=[ANNA, KENJI],
        posts=[
            ShownPost("lima_S2", LUZ, "before", 0, {}),
            ShownPost("stockholm_S1", ANNA, "secret", 1, {}),
            ShownPost("tokyo_S5", KENJI, "hidden, and shown again", 1, {}),
        ],
        comments=[
            ShownComment("tokyo_D2", "stockholm_S1", KENJI, "hush"),
            ShownComment("tokyo_D5", "tokyo_S5", KENJI, "so is this"),
        ],
        asking=[BOB] if person == ANNA else None,
    )
