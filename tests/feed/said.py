"""Facts about the feed, true and forged, of many people in three regions: what property tests make projections of."""

from __future__ import annotations

from typing import NamedTuple

from google.protobuf.message import Message
from hypothesis import strategies as st

from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MEMBER,
    GROUP_ROLE_MODERATOR,
    GROUP_ROLE_OWNER,
    MODERATION_ACTION_HIDE,
    MODERATION_ACTION_RESTORE,
    CommentAdded,
    CommentDeleted,
    ContentHidden,
    ContentRestored,
    GroupCreated,
    MemberJoined,
    MemberLeft,
    MemberRoleSet,
    ModerationDeclined,
    ModerationRequested,
    PostDeleted,
    PostEdited,
    PostPublished,
    Reacted,
    Unreacted,
)
from samverka.profile.v1.profile_events_pb2 import PersonFollowed, PersonRegistered, PersonUnfollowed, ProfileEdited
from services.chassis.ids import home_of, region_of
from tests.support.tables import Tables, an_id

HERE = "stockholm"
REGIONS = (HERE, "tokyo", "lima")
PEOPLE = [an_id(f"person-{n}", region=region) for region in REGIONS for n in range(2)]
GROUPS = [an_id("group", region=region) for region in REGIONS]


class Said(NamedTuple):
    """A fact: who acts, in whose register (their own if that is empty), and whether it stays in its region."""

    actor: str
    payload: Message
    owner: str = ""
    local: bool = False

    def apply(self, tables: Tables) -> bool:
        return tables.apply(self.payload, actor=self.actor, owner=self.owner, local=self.local)


def origin(said: Said) -> str:
    """Return the region in whose log it was written."""
    return home_of(said.owner or said.actor)


PERSON = st.sampled_from(PEOPLE)
GROUP = st.sampled_from(GROUPS)
POST = st.sampled_from([an_id("post", region=region) for region in REGIONS])
COMMENT = st.sampled_from([an_id("comment", region=region) for region in REGIONS])
REQUEST = st.sampled_from([an_id(f"request-{n}", region=region) for region in REGIONS for n in range(2)])
EMOJI = st.sampled_from(["👍", "🎉"])
BODY = st.sampled_from(["one", "two"])
ROLE = st.sampled_from([GROUP_ROLE_MEMBER, GROUP_ROLE_MODERATOR, GROUP_ROLE_OWNER, 7])
ACTION = st.sampled_from([MODERATION_ACTION_HIDE, MODERATION_ACTION_RESTORE, 7])
OWN = st.one_of(
    st.builds(PostPublished, post_id=POST, body=BODY, group_id=st.just("") | GROUP),
    st.builds(PostEdited, post_id=POST, body=BODY),
    st.builds(PostDeleted, post_id=POST),
    st.builds(CommentAdded, comment_id=COMMENT | POST, post_id=POST, body=BODY),
    st.builds(CommentDeleted, comment_id=COMMENT | POST),
    st.builds(Reacted, target_id=POST | COMMENT, emoji=EMOJI),
    st.builds(Unreacted, target_id=POST | COMMENT, emoji=EMOJI),
    st.builds(MemberJoined, group_id=GROUP),
    st.builds(MemberLeft, group_id=GROUP),
    st.builds(
        ModerationRequested,
        request_id=REQUEST,
        group_id=GROUP,
        content_id=POST | COMMENT,
        action=ACTION,
        reason=BODY,
    ),
)
OF_PROFILE = st.one_of(
    st.builds(PersonRegistered, person_id=PERSON, handle=st.just("anna"), name=BODY),
    st.builds(ProfileEdited, person_id=PERSON, name=BODY),
    st.builds(PersonFollowed, person_id=PERSON, followed_id=PERSON),
    st.builds(PersonUnfollowed, person_id=PERSON, followed_id=PERSON),
)
DECIDED = st.one_of(
    st.builds(GroupCreated, group_id=GROUP, name=BODY),
    st.builds(MemberRoleSet, group_id=GROUP, person_id=PERSON, role=ROLE),
    st.builds(ContentHidden, group_id=GROUP, content_id=POST | COMMENT, request_id=REQUEST),
    st.builds(ContentRestored, group_id=GROUP, content_id=POST | COMMENT, request_id=REQUEST),
    st.builds(ModerationDeclined, group_id=GROUP, request_id=REQUEST, reason=BODY),
)


def _say(actor: str, payload: Message, owner: str, *, honest: bool, local: bool) -> Said:
    register = getattr(payload, "group_id", "") if honest else owner
    return Said(actor, payload, register, local and home_of(register) == HERE)


SAID = st.one_of(
    st.builds(
        lambda who, what, local: Said(who, what, "", local and region_of(who) == HERE), PERSON, OWN, st.booleans()
    ),
    st.builds(lambda who, what: Said(who, what), PERSON, OF_PROFILE),
    st.builds(
        lambda who, what, group, honest, local: _say(who, what, group, honest=honest, local=local),
        PERSON,
        DECIDED,
        GROUP,
        st.sampled_from([True, True, True, False]),
        st.booleans(),
    ),
)
"""What each of them says, true or forged: any person may speak of anything. Only what is said here may stay here."""

FOUNDED = [
    *(Said(PEOPLE[2 * n], GroupCreated(group_id=group, name="one"), group) for n, group in enumerate(GROUPS)),
    *(Said(person, MemberJoined(group_id=group)) for person in PEOPLE for group in GROUPS),
    *(
        Said(
            PEOPLE[2 * n], MemberRoleSet(group_id=group, person_id=PEOPLE[2 * n - 1], role=GROUP_ROLE_MODERATOR), group
        )
        for n, group in enumerate(GROUPS)
    ),
]
"""Three groups in which everybody is a member, each with a moderator from elsewhere."""

FACTS = st.builds(lambda begun, said: begun + said, st.sampled_from([[], FOUNDED]), st.lists(SAID, max_size=60))
