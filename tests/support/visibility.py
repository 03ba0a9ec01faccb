"""Who sees what, in the simplest words: read from a region's log, by going through it as often as it takes.

It shares no code with the services, and knows nothing of tables, indexes or columns. Every service that shows what people
write can be held against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from google.protobuf.message import Message

from samverka.feed.v1.feed_events_pb2 import (
    GROUP_ROLE_MODERATOR,
    GROUP_VISIBILITY_PUBLIC,
    GROUP_VISIBILITY_UNSPECIFIED,
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
    MembershipRequested,
    MemberUnbanned,
    PostDeleted,
    PostEdited,
    PostPublished,
    UnmarkedHelpful,
)
from samverka.profile.v1.profile_events_pb2 import PersonFollowed, PersonUnfollowed

Kind = TypeVar("Kind", bound=Message)


@dataclass(frozen=True, slots=True)
class Told:
    """What a region's log says: its place in its origin's log, its id, who did what, and whether it stays in the region."""

    origin_place: int
    id: str
    actor: str
    payload: Any
    local: bool


class Visibility:
    """What people see who live where this log is; the log says nothing that its origin had no right to say."""

    def __init__(self, told: Iterable[Told]) -> None:
        self._told = list(told)

    def sees_group(self, viewer: str, group: str) -> bool:
        """A public group is there for all, a private one for its members."""
        created = self._created(group)
        return created is not None and (_is_public(created.payload) or self.is_member(viewer, group))

    def is_member(self, person: str, group: str) -> bool:
        """Whoever has joined and not left, whom the group has not sent away, and has let in if it is private."""
        created, join = self._created(group), self._join(person, group)
        if created is None or not join:
            return False
        if created.actor == person:
            return True
        let_in = _is_public(created.payload) or join in self._named(MembershipApproved, person, group)
        sent_away = {*self._named(MemberRemoved, person, group), *self._named(MemberBanned, person, group)}
        return let_in and join not in sent_away and self._ban(person, group) is None

    def moderates(self, person: str, group: str) -> bool:
        """The owner, and members whom the owner made moderators and nobody has sent away since."""
        created = self._created(group)
        if created is None or not self.is_member(person, group):
            return False
        role = 0
        for one in self._about(person, group, MemberRoleSet, MemberRemoved, MemberBanned):
            role = one.payload.role if isinstance(one.payload, MemberRoleSet) else 0
        return created.actor == person or role == GROUP_ROLE_MODERATOR

    def hides(self, group: str, content: str, author: Told) -> bool:
        """A moderator has hidden it; or its author was banned before it, or never let into the private group."""
        hidden = False
        for one in self._of(ContentHidden, ContentRestored):
            if (one.payload.group_id, one.payload.content_id) == (group, content):
                hidden = isinstance(one.payload, ContentHidden)
        created, ban = self._created(group), self._ban(author.actor, group)
        if hidden or (ban is not None and author.origin_place > ban):
            return True
        if created is None or _is_public(created.payload) or created.actor == author.actor:
            return False
        ever = (MembershipApproved, MemberRemoved, MemberBanned)
        return not any(self._named(kind, author.actor, group) for kind in ever)

    def sees_post(self, viewer: str, post: str) -> bool:
        """It is there, its group does not hide it, and the viewer sees its group."""
        published = self._published(post)
        return published is not None and self._lets_see(viewer, published) and not self._is_hidden(published)

    def opens_post(self, viewer: str, post: str) -> bool:
        """By its id, a hidden post is there for its author and those who moderate, as long as they see its group."""
        published = self._published(post)
        if published is None or not self._lets_see(viewer, published):
            return False
        mine = published.actor == viewer or self.moderates(viewer, published.payload.group_id)
        return mine or not self._is_hidden(published)

    def follows_delivery(self, viewer: str, post: str) -> bool:
        """Where it has arrived is told to its author, as long as they see it; what is local arrives nowhere."""
        published = self._published(post)
        return (
            published is not None
            and published.actor == viewer
            and not published.local
            and self._lets_see(viewer, published)
        )

    def posts(self, viewer: str) -> list[str]:
        """All that the viewer sees in lists, in the order of arrival."""
        return [one.payload.post_id for one in self._of(PostPublished) if self.sees_post(viewer, one.payload.post_id)]

    def home(self, viewer: str) -> list[str]:
        """What they wrote themselves and whom they follow, outside private groups; and all of their groups."""
        followed = {viewer}
        for one in self._of(PersonFollowed, PersonUnfollowed):
            if one.actor == viewer and isinstance(one.payload, PersonFollowed):
                followed.add(one.payload.followed_id)
            elif one.actor == viewer:
                followed.discard(one.payload.followed_id)
        return [
            post
            for post in self.posts(viewer)
            if self._author(post) in followed or self.is_member(viewer, self.group_of(post))
        ]

    def group_feed(self, viewer: str, group: str) -> list[str]:
        return [post for post in self.posts(viewer) if self.group_of(post) == group]

    def posts_of(self, viewer: str, author: str) -> list[str]:
        return [post for post in self.posts(viewer) if self._author(post) == author]

    def groups(self, viewer: str) -> list[str]:
        created = [one.payload.group_id for one in self._of(GroupCreated)]
        return [group for group in created if self.sees_group(viewer, group)]

    def comments(self, post: str) -> list[str]:
        """What is shown below a post to whoever sees it."""
        return [one.payload.comment_id for one in self._comments(post)]

    def answers(self, post: str) -> list[str]:
        if not self.is_question(post):
            return []
        return [one.payload.comment_id for one in self._comments(post) if one.payload.answer]

    def accepted(self, post: str) -> str:
        """The answer that the group has ruled on or, if it has not, that who asked accepts; empty if it is none."""
        wanted, ruled = "", False
        for one in self._of(AnswerAccepted, AnswerUnaccepted, AnswerRuled):
            if one.payload.post_id != post or (ruled and not isinstance(one.payload, AnswerRuled)):
                continue
            ruled = isinstance(one.payload, AnswerRuled)
            wanted = "" if isinstance(one.payload, AnswerUnaccepted) else one.payload.comment_id
        return wanted if wanted in self.answers(post) else ""

    def is_question(self, post: str) -> bool:
        published = self._published(post)
        return published is not None and published.payload.kind == POST_KIND_QUESTION

    def questions(self, viewer: str, *, topic: str = "", group: str = "", wanted: str = "all") -> list[str]:
        """Questions of any topic or group or of one: all, unanswered, or unaccepted."""
        return [
            post
            for post in self.posts(viewer)
            if self.is_question(post)
            and (not group or self.group_of(post) == group)
            and (not topic or f"#{topic}" in self._text(post).split())
            and (wanted != "unanswered" or not self.answers(post))
            and (wanted == "all" or not self.accepted(post))
        ]

    def mentions(self, viewer: str, name: str) -> list[str]:
        """Posts and comments that the viewer sees and that hold their name, in the order of arrival."""
        named = []
        for one in self._of(PostPublished, CommentAdded):
            post, is_post = one.payload.post_id, isinstance(one.payload, PostPublished)
            text = self._text(post) if is_post else one.payload.body
            content = post if is_post else one.payload.comment_id
            if name in text.split() and self.sees_post(viewer, post) and (is_post or content in self.comments(post)):
                named.append(content)
        return named

    def helped(self, target: str) -> set[str]:
        """Whom it has helped; that it helped its own author, nobody is told."""
        people: set[str] = set()
        for one in self._of(MarkedHelpful, UnmarkedHelpful):
            if one.payload.target_id == target:
                (people.add if isinstance(one.payload, MarkedHelpful) else people.discard)(one.actor)
        return people - {one.actor for one in self._of(PostPublished, CommentAdded) if _is(one, target)}

    def group_of(self, post: str) -> str:
        published = self._published(post)
        return str(published.payload.group_id) if published else ""

    def all_posts(self) -> list[str]:
        return [one.payload.post_id for one in self._of(PostPublished)]

    def all_groups(self) -> list[str]:
        return [one.payload.group_id for one in self._of(GroupCreated)]

    def _of(self, *kinds: type[Message]) -> Iterator[Told]:
        return (one for one in self._told if isinstance(one.payload, kinds))

    def _created(self, group: str) -> Told | None:
        return next((one for one in self._of(GroupCreated) if one.payload.group_id == group), None)

    def _published(self, post: str) -> Told | None:
        if any(one.payload.post_id == post for one in self._of(PostDeleted)):
            return None
        return next((one for one in self._of(PostPublished) if one.payload.post_id == post), None)

    def _author(self, post: str) -> str:
        published = self._published(post)
        return published.actor if published else ""

    def _text(self, post: str) -> str:
        texts = [one.payload.body for one in self._of(PostPublished, PostEdited) if one.payload.post_id == post]
        return str(texts[-1])

    def _comments(self, post: str) -> list[Told]:
        deleted = {one.payload.comment_id for one in self._of(CommentDeleted)}
        group = self.group_of(post)
        return [
            one
            for one in self._of(CommentAdded)
            if one.payload.post_id == post
            and one.payload.comment_id not in deleted
            and not (group and self.hides(group, one.payload.comment_id, one))
        ]

    def _lets_see(self, viewer: str, published: Told) -> bool:
        group = published.payload.group_id
        return not group or self.sees_group(viewer, group)

    def _is_hidden(self, published: Told) -> bool:
        group = published.payload.group_id
        return bool(group) and self.hides(group, published.payload.post_id, published)

    def _join(self, person: str, group: str) -> str:
        """Return the join that they have not left, by the event that began it; empty if there is none."""
        join = ""
        for one in self._of(GroupCreated, MemberJoined, MembershipRequested, MemberLeft):
            if one.actor == person and one.payload.group_id == group:
                join = "" if isinstance(one.payload, MemberLeft) else one.id
        return join

    def _ban(self, person: str, group: str) -> int | None:
        """Return how far their log stays if they are banned."""
        ban = None
        for one in self._about(person, group, MemberBanned, MemberUnbanned):
            ban = one.payload.stays_until if isinstance(one.payload, MemberBanned) else None
        return ban

    def _about(self, person: str, group: str, *kinds: type[Message]) -> Iterator[Told]:
        return (one for one in self._of(*kinds) if (one.payload.person_id, one.payload.group_id) == (person, group))

    def _named(self, kind: type[Message], person: str, group: str) -> set[str]:
        """Return the joins of theirs that decisions of one kind name."""
        return {one.payload.join_id for one in self._about(person, group, kind)} - {""}


def _is(written: Told, content: str) -> bool:
    post = isinstance(written.payload, PostPublished)
    return bool(content == (written.payload.post_id if post else written.payload.comment_id))


def _is_public(group: GroupCreated) -> bool:
    return group.visibility in (GROUP_VISIBILITY_UNSPECIFIED, GROUP_VISIBILITY_PUBLIC)
