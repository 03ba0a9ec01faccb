"""Communities in three regions that say only what is theirs to say: what property tests of visibility make logs of."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from google.protobuf.message import Message

from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MEMBER,
    GROUP_ROLE_MODERATOR,
    GROUP_VISIBILITY_PRIVATE,
    GROUP_VISIBILITY_PUBLIC,
    POST_KIND_NOTE,
    POST_KIND_QUESTION,
    AnswerAccepted,
    AnswerRuled,
    AnswerUnaccepted,
    CommentAdded,
    CommentDeleted,
    ContentHidden,
    ContentRestored,
    GroupCreated,
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
    PostDeleted,
    PostEdited,
    PostPublished,
    UnmarkedHelpful,
)
from samverka.profile.v1.profile_events_pb2 import PersonFollowed, PersonRegistered, PersonUnfollowed
from services.chassis.ids import home_of, region_of
from tests.feed.said import Said
from tests.support.tables import an_id

HERE = "stockholm"
REGIONS = (HERE, "tokyo", "lima")
NAMES = ("anna", "bengt", "carla")
PEOPLE = [an_id(name, region=region) for region in REGIONS for name in NAMES[: 3 if region == HERE else 2]]
_TEXTS = ("hello", "#chess", "@anna@stockholm", "@bengt@stockholm #chess", "@akira@tokyo")


def event_id(said: Said) -> str:
    """Return the id of the event, after which a join is named that it begins."""
    return f"{home_of(said.owner or said.actor)}_{said.event}"


class Community:
    """People, their groups, and what they say there; ``facts`` is all of it in one order."""

    def __init__(self, chance: Random) -> None:
        self.facts: list[Said] = []
        self._chance = chance
        self._pick = chance.choice
        self._owners: dict[str, str] = {}
        self._local: set[str] = set()
        self._joins: dict[tuple[str, str], str] = {}
        self._posts: dict[str, Any] = {}
        self._comments: dict[str, Any] = {}
        for person in PEOPLE:
            name = NAMES[[p for p in PEOPLE if region_of(p) == region_of(person)].index(person)]
            self._say(person, PersonRegistered(person_id=person, handle=name, name=name))
        for person in PEOPLE[:5]:
            self._create(person)

    def live(self, doings: int) -> None:
        kinds: tuple[Callable[[], None], ...] = (
            *((self._join,) * 3 + (self._leave,)),
            *((self._admit,) * 6),
            *((self._publish,) * 4 + (self._comment,) * 3),
            *(self._edit, self._delete, self._hide, self._hide, self._accept, self._rule, self._vote, self._follow),
        )
        for _ in range(doings):
            self._pick(kinds)()

    def _say(self, actor: str, payload: Message, *, owner: str = "", local: bool = False) -> Said:
        said = Said(actor, payload, owner, local, len(self.facts) + 1)
        self.facts.append(said)
        return said

    def _new_id(self, person: str) -> str:
        return an_id(f"thing-{len(self.facts)}", region=region_of(person))

    def _create(self, owner: str) -> None:
        group = self._new_id(owner)
        local = region_of(owner) == HERE and self._chance.random() < 0.3
        visibility = self._pick((GROUP_VISIBILITY_PUBLIC, GROUP_VISIBILITY_PRIVATE, GROUP_VISIBILITY_PRIVATE))
        created = GroupCreated(group_id=group, name="Chess", visibility=visibility)
        said = self._say(owner, created, owner=group, local=local)
        self._owners[group] = owner
        self._joins[owner, group] = event_id(said)
        if local:
            self._local.add(group)

    def _somebody(self, *, local: bool) -> str:
        return self._pick([person for person in PEOPLE if not local or region_of(person) == HERE])

    def _join(self) -> None:
        group = self._pick(list(self._owners))
        local = group in self._local
        person = self._somebody(local=local)
        if person != self._owners[group]:
            kind = self._pick((MemberJoined, MembershipRequested))
            self._joins[person, group] = event_id(self._say(person, kind(group_id=group), local=local))

    def _leave(self) -> None:
        person, group = self._pick(list(self._joins))
        if person != self._owners[group]:
            del self._joins[person, group]
            self._say(person, MemberLeft(group_id=group), local=group in self._local)

    def _admit(self) -> None:
        """Let the owner decide about somebody, mostly about the join that they have."""
        group = self._pick(list(self._owners))
        person = self._somebody(local=group in self._local)
        if person == self._owners[group]:
            return
        about = {"group_id": group, "person_id": person}
        decided = {**about, "request_id": self._new_id(person)}
        join = self._joins.get((person, group), "another")
        stays_until = self._chance.randrange(len(self.facts) * 2)
        decision = self._pick(
            (
                *(MembershipApproved(**decided, join_id=join) for _ in range(6)),
                MembershipDeclined(**decided, join_id=join),
                MemberRemoved(**decided, join_id=join),
                MemberBanned(**decided, stays_until=stays_until, join_id=self._pick((join, ""))),
                MemberUnbanned(**decided),
                MemberRoleSet(**about, role=self._pick((GROUP_ROLE_MEMBER, GROUP_ROLE_MODERATOR))),
            )
        )
        self._decide(group, decision)

    def _decide(self, group: str, decision: Message) -> None:
        self._say(self._owners[group], decision, owner=group, local=group in self._local)

    def _publish(self) -> None:
        if self._chance.random() < 0.7 and self._joins:
            author, group = self._pick(list(self._joins))
            local = group in self._local
        else:
            author, group = self._pick(PEOPLE), ""
            local = region_of(author) == HERE and self._chance.random() < 0.3
        post = PostPublished(
            post_id=self._new_id(author),
            body=self._pick(_TEXTS),
            group_id=group,
            kind=self._pick((POST_KIND_NOTE, POST_KIND_QUESTION)),
        )
        self._posts[post.post_id] = self._say(author, post, local=local)

    def _comment(self) -> None:
        if self._posts:
            post, above = self._pick(list(self._posts.items()))
            author = self._somebody(local=above.local)
            answer = self._chance.random() < 0.6
            comment = CommentAdded(
                comment_id=self._new_id(author), post_id=post, body=self._pick(_TEXTS), answer=answer
            )
            self._comments[comment.comment_id] = self._say(author, comment, local=above.local)

    def _edit(self) -> None:
        if self._posts:
            post, said = self._pick(list(self._posts.items()))
            self._say(said.actor, PostEdited(post_id=post, body=self._pick(_TEXTS)), local=said.local)

    def _delete(self) -> None:
        if self._comments and self._chance.random() < 0.6:
            comment, said = self._comments.popitem()
            self._say(said.actor, CommentDeleted(comment_id=comment), local=said.local)
        elif self._posts:
            post, said = self._posts.popitem()
            self._say(said.actor, PostDeleted(post_id=post), local=said.local)

    def _hide(self) -> None:
        content = self._pick([*self._posts, *self._comments] or [""])
        above = self._comments[content].payload.post_id if content in self._comments else content
        group = self._group_of(above)
        if group:
            kind = self._pick((ContentHidden, ContentHidden, ContentRestored))
            decision = kind(group_id=group, content_id=content, request_id=self._new_id(PEOPLE[0]))
            self._decide(group, decision)

    def _accept(self) -> None:
        question = self._question()
        if question is not None:
            answer = self._pick([*self._comments, *self._comments, "none"])
            accepted = AnswerAccepted(post_id=question.payload.post_id, comment_id=answer)
            taken_back = AnswerUnaccepted(post_id=question.payload.post_id)
            self._say(question.actor, self._pick((accepted, accepted, taken_back)), local=question.local)

    def _rule(self) -> None:
        question = self._question()
        group = question.payload.group_id if question else ""
        if question is not None and group:
            ruled = AnswerRuled(
                group_id=group,
                post_id=question.payload.post_id,
                comment_id=self._pick([*self._comments, ""]),
                request_id=self._new_id(PEOPLE[0]),
            )
            self._decide(group, ruled)

    def _vote(self) -> None:
        target = self._pick([*self._posts.values(), *self._comments.values()] or [None])
        if target is not None:
            of = target.payload
            kind = self._pick((MarkedHelpful, MarkedHelpful, UnmarkedHelpful))
            target_id = of.comment_id if isinstance(of, CommentAdded) else of.post_id
            self._say(self._somebody(local=target.local), kind(target_id=target_id), local=target.local)

    def _follow(self) -> None:
        person, other = self._chance.sample(PEOPLE, 2)
        kind = self._pick((PersonFollowed, PersonFollowed, PersonUnfollowed))
        self._say(person, kind(person_id=person, followed_id=other))

    def _question(self) -> Any | None:
        asked = [said for said in self._posts.values() if said.payload.kind == POST_KIND_QUESTION]
        return self._pick(asked) if asked else None

    def _group_of(self, post: str) -> str:
        return str(self._posts[post].payload.group_id) if post in self._posts else ""
