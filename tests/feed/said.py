"""Facts about the feed, true and forged, of many people in three regions: what property tests make projections of."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, NamedTuple

from google.protobuf.message import Message
from hypothesis import strategies as st

from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MEMBER,
    GROUP_ROLE_MODERATOR,
    GROUP_ROLE_OWNER,
    GROUP_VISIBILITY_PRIVATE,
    GROUP_VISIBILITY_PUBLIC,
    GROUP_VISIBILITY_UNSPECIFIED,
    MODERATION_ACTION_HIDE,
    MODERATION_ACTION_RESTORE,
    POST_KIND_NOTE,
    POST_KIND_PRAISE,
    POST_KIND_QUESTION,
    POST_KIND_UNSPECIFIED,
    AnswerAccepted,
    AnswerRuled,
    AnswerUnaccepted,
    CommentAdded,
    CommentDeleted,
    ContentHidden,
    ContentRestored,
    GroupCreated,
    GroupUpdated,
    MarkedHelpful,
    MemberBanned,
    MemberJoined,
    MemberLeft,
    MemberRemoved,
    MemberRoleSet,
    MembershipApproved,
    MembershipDeclined,
    MembershipRequested,
    MemberUnbanned,
    ModerationDeclined,
    ModerationRequested,
    PostDeleted,
    PostEdited,
    PostPublished,
    Reacted,
    UnmarkedHelpful,
    Unreacted,
)
from samverka.profile.v1.profile_events_pb2 import PersonFollowed, PersonRegistered, PersonUnfollowed, ProfileEdited
from samverka.recognition.v1.recognition_events_pb2 import (
    BADGE_KIND_OFFICIAL,
    BADGE_KIND_PEER,
    VISIBILITY_PRIVATE,
    VISIBILITY_PUBLIC,
    BadgeAwarded,
    BadgeDefined,
    RecognitionWithdrawn,
    ThanksGiven,
)
from services.chassis.awards import praise_of
from services.chassis.ids import home_of, region_of
from tests.support.chance import CHANCE
from tests.support.tables import Tables, an_id

HERE = "stockholm"
REGIONS = (HERE, "tokyo", "lima")
PEOPLE = [an_id(f"person-{n}", region=region) for region in REGIONS for n in range(2)]
GROUPS = [an_id("group", region=region) for region in REGIONS]


class Said(NamedTuple):
    """A fact: who acts, in whose register (their own if that is empty), and whether it stays in its region.

    ``event`` is its place in the log of its origin; the event is named after it, and so is a join that it begins.
    """

    actor: str
    payload: Message
    owner: str = ""
    local: bool = False
    event: int = 0

    def apply(self, tables: Tables) -> bool:
        return tables.apply(
            self.payload, actor=self.actor, owner=self.owner, local=self.local, event=self.event, at_ms=self.event or 1
        )


def each_id_of_one_person(facts: Sequence[Said]) -> list[Said]:
    """Leave out whoever creates something under an id that another person has used: no region that is honest lets them."""
    creators: dict[str, str] = {}
    return [said for said in facts if creators.setdefault(_created_by(said), said.actor) == said.actor]


def _created_by(said: Said) -> str:
    match said.payload:
        case PostPublished():
            return said.payload.post_id
        case CommentAdded():
            return said.payload.comment_id
        case ModerationRequested():
            return said.payload.request_id
        case ThanksGiven() | BadgeAwarded():
            return said.payload.recognition_id
    return said.actor


def origin(said: Said) -> str:
    """Return the region in whose log it was written."""
    return home_of(said.owner or said.actor)


POSTS = [an_id("post", region=region) for region in REGIONS]
COMMENTS = [an_id("comment", region=region) for region in REGIONS]
REQUESTS = [an_id(f"request-{n}", region=region) for region in REGIONS for n in range(2)]
GIFTS = [an_id(f"gift-{n}", region=region) for region in REGIONS for n in range(3)]
PRAISES = [praise_of(gift) for gift in GIFTS]
BADGES = [an_id("badge", region=region) for region in REGIONS]
MONTHS_MS = (1_700_000_000_000, 1_702_000_000_000)
EMOJI = ("👍", "🎉")
TEXTS = ("one #chess", "two #Chess @anna", "three @anna@tokyo @anna")
UNKNOWN_NUMBER: Any = 7
ROLES = (GROUP_ROLE_MODERATOR, GROUP_ROLE_MODERATOR, GROUP_ROLE_MEMBER, GROUP_ROLE_OWNER, UNKNOWN_NUMBER)
ACTIONS = (MODERATION_ACTION_HIDE, MODERATION_ACTION_RESTORE, UNKNOWN_NUMBER)
FACTS_MAX = 80
KINDS = (
    POST_KIND_UNSPECIFIED,
    POST_KIND_NOTE,
    POST_KIND_QUESTION,
    POST_KIND_QUESTION,
    POST_KIND_PRAISE,
    UNKNOWN_NUMBER,
)
VISIBILITIES = (
    GROUP_VISIBILITY_UNSPECIFIED,
    GROUP_VISIBILITY_PUBLIC,
    GROUP_VISIBILITY_PRIVATE,
    GROUP_VISIBILITY_PRIVATE,
    UNKNOWN_NUMBER,
)
_TRUE = 0.8
"""How often somebody says what is theirs to say, as far as that can be known from ids."""


class Sayings:
    """Makes facts by chance: most are likely, the others forged, so that long lists of them come to something."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._pick = chance.choice

    def say(self) -> Said:
        own = (
            self._post,
            self._post,
            self._comment,
            self._own,
            self._own,
            self._answer,
            self._membership,
            self._request,
        )
        of_groups = (self._decision, self._decision, self._decision, self._admission)
        return self._pick((*own, *of_groups, self._profile, self._gift, self._gift, self._badge))()

    def _own_register(self, actor: str, payload: Message) -> Said:
        return Said(actor, payload, "", region_of(actor) == HERE and self._chance.random() < 0.3)

    def _neighbour(self, identifier: str) -> str:
        """Return somebody who lives where the thing does."""
        near = [person for person in PEOPLE if region_of(person) == region_of(identifier)]
        return self._pick(near if self._chance.random() < _TRUE else PEOPLE)

    def _content(self) -> str:
        return self._pick(POSTS + COMMENTS)

    def _post(self) -> Said:
        post_id = self._pick(POSTS)
        group_id = self._pick(["", *GROUPS, *GROUPS])
        kind, text = self._pick(KINDS), self._pick(TEXTS)
        payload = PostPublished(post_id=post_id, body=text, group_id=group_id, kind=kind, title=text)
        return self._own_register(self._neighbour(post_id), payload)

    def _comment(self) -> Said:
        # Now and then a comment shares its id with a post: a region that lies can make such a pair.
        comment_id = self._pick(COMMENTS * 4 + POSTS)
        answer = self._chance.random() < 0.5
        above = self._pick((*POSTS, *POSTS, *PRAISES))
        payload = CommentAdded(comment_id=comment_id, post_id=above, body=self._pick(TEXTS), answer=answer)
        return self._own_register(self._neighbour(comment_id), payload)

    def _own(self) -> Said:
        content, emoji = self._content(), self._pick(EMOJI)
        payload = self._pick(
            (
                PostEdited(post_id=content, body=self._pick(TEXTS), title=self._pick(TEXTS)),
                PostDeleted(post_id=content),
                CommentDeleted(comment_id=content),
                Reacted(target_id=content, emoji=emoji),
                Reacted(target_id=content, emoji=emoji),
                Unreacted(target_id=content, emoji=emoji),
                MarkedHelpful(target_id=content),
                UnmarkedHelpful(target_id=content),
            )
        )
        return self._own_register(self._neighbour(content), payload)

    def _answer(self) -> Said:
        post_id = self._pick(POSTS)
        accepted = AnswerAccepted(post_id=post_id, comment_id=self._content())
        payload = self._pick((accepted, accepted, AnswerUnaccepted(post_id=post_id)))
        return self._own_register(self._neighbour(post_id), payload)

    def _membership(self) -> Said:
        kind = self._pick((MemberJoined, MemberJoined, MembershipRequested, MemberLeft))
        return self._own_register(self._pick(PEOPLE), kind(group_id=self._pick(GROUPS)))

    def _request(self) -> Said:
        request_id = self._pick(REQUESTS)
        payload = ModerationRequested(
            request_id=request_id,
            group_id=self._pick(GROUPS),
            content_id=self._content(),
            action=self._pick(ACTIONS),
            reason=self._pick(TEXTS),
        )
        return self._own_register(self._neighbour(request_id), payload)

    def _decision(self) -> Said:
        group_id, content_id, request_id = self._pick(GROUPS), self._content(), self._pick(REQUESTS)
        text, person = self._pick(TEXTS), self._pick(PEOPLE)
        payload = self._pick(
            (
                GroupCreated(group_id=group_id, name=text, visibility=self._pick(VISIBILITIES)),
                GroupUpdated(group_id=group_id, name=text),
                MemberRoleSet(group_id=group_id, person_id=person, role=self._pick(ROLES)),
                ContentHidden(group_id=group_id, content_id=content_id, request_id=request_id),
                ContentHidden(group_id=group_id, content_id=content_id, request_id=request_id),
                ContentRestored(group_id=group_id, content_id=content_id, request_id=request_id),
                AnswerRuled(group_id=group_id, post_id=content_id, comment_id=self._content(), request_id=request_id),
                ModerationDeclined(group_id=group_id, request_id=request_id, reason=text),
            )
        )
        return self._of_group(group_id, payload)

    def _admission(self) -> Said:
        """Decide about somebody, whose join it may be that is named."""
        group_id, number = self._pick(GROUPS), self._chance.randrange(FACTS_MAX)
        about = {
            "group_id": group_id,
            "person_id": self._pick(PEOPLE),
            "request_id": an_id(f"admission-{number}", region=region_of(group_id)),
        }
        join_id = f"event-{self._chance.randrange(1, 2 * len(PEOPLE) * len(GROUPS))}"
        stays_until = self._pick((0, number, 2**63 - 1, 2**64 - 1))
        payload = self._pick(
            (
                MembershipApproved(**about, join_id=join_id),
                MembershipApproved(**about, join_id=join_id),
                MembershipDeclined(**about, join_id=join_id),
                MemberRemoved(**about, join_id=join_id),
                MemberBanned(**about, stays_until=stays_until, join_id=self._pick(("", join_id))),
                MemberUnbanned(**about),
            )
        )
        return self._of_group(group_id, payload)

    def _of_group(self, group_id: str, payload: Message) -> Said:
        owner = group_id if self._chance.random() < _TRUE else self._pick(GROUPS)
        return Said(self._neighbour(group_id), payload, owner, home_of(owner) == HERE and self._chance.random() < 0.3)

    def _gift(self) -> Said:
        gift, other = self._pick(GIFTS), self._pick(PEOPLE)
        given: dict[str, Any] = {
            "recognition_id": gift,
            "message": self._pick(TEXTS),
            "visibility": self._pick((VISIBILITY_PUBLIC, VISIBILITY_PUBLIC, VISIBILITY_PRIVATE, UNKNOWN_NUMBER)),
            "given_at_ms": self._pick(MONTHS_MS),
        }
        payload = self._pick(
            (
                ThanksGiven(**given, receiver_ids=[other, *self._pick(([], [self._pick(PEOPLE)]))]),
                BadgeAwarded(**given, badge_id=self._pick(BADGES), receiver_id=other),
                BadgeAwarded(**given, badge_id=self._pick(BADGES), receiver_id=other),
                RecognitionWithdrawn(recognition_id=gift),
            )
        )
        return Said(self._neighbour(gift), payload)

    def _badge(self) -> Said:
        badge, kind = self._pick(BADGES), self._pick((BADGE_KIND_PEER, BADGE_KIND_OFFICIAL))
        awarders = self._pick(([], [self._pick(PEOPLE)]))
        payload = BadgeDefined(badge_id=badge, kind=kind, monthly_limit=self._pick((0, 1)), awarder_ids=awarders)
        return Said(self._neighbour(badge), payload, badge if self._chance.random() < _TRUE else self._pick(BADGES))

    def _profile(self) -> Said:
        person, other, text = self._pick(PEOPLE), self._pick(PEOPLE), self._pick(TEXTS)
        payload = self._pick(
            (
                PersonRegistered(person_id=person, handle="anna", name=text),
                ProfileEdited(person_id=person, name=text),
                PersonFollowed(person_id=person, followed_id=other),
                PersonUnfollowed(person_id=person, followed_id=other),
            )
        )
        return Said(person if self._chance.random() < _TRUE else other, payload)


FOUNDED = [
    *(
        Said(PEOPLE[2 * n], GroupCreated(group_id=group, name="one", visibility=VISIBILITIES[n]), group)
        for n, group in enumerate(GROUPS)
    ),
    *(Said(person, MemberJoined(group_id=group)) for person in PEOPLE for group in GROUPS),
    *(
        Said(
            PEOPLE[2 * n], MemberRoleSet(group_id=group, person_id=PEOPLE[2 * n - 1], role=GROUP_ROLE_MODERATOR), group
        )
        for n, group in enumerate(GROUPS)
    ),
]
"""Three groups that everybody has joined, one of them private, each with a moderator from elsewhere."""


def _say(chance: Random, number: int, *, founded: bool) -> list[Said]:
    sayings = Sayings(chance)
    facts = [*(FOUNDED if founded else ()), *(sayings.say() for _ in range(number))]
    return [said._replace(event=event) for event, said in enumerate(facts, start=1)]


FACTS = st.builds(
    lambda chance, number, founded: _say(chance, number, founded=founded),
    CHANCE,
    st.integers(0, FACTS_MAX),
    st.sampled_from([True, True, False]),
)
"""What people say in some order; only what is said here may stay here."""
