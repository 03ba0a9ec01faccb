"""What every region has to show: the content of the network as everybody left it, and who of it is shown what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chaos.gifts import Gifts
from chaos.journal import UNNAMED


@dataclass(slots=True)
class Post:
    """A post as its author and its group's moderator left it; ``local`` if it may be seen in its own region alone.

    What is ``banished`` came behind its author's ban, what is ``erased`` went with its author. A question has a ``title``;
    ``chosen`` is the answer that its author has accepted, ``ruled`` the one that its group has, empty if they say that none
    is, and None where the group has not said anything.
    """

    region: str
    author: str
    body: str
    local: bool = False
    deleted: bool = False
    hidden: bool = False
    banished: bool = False
    erased: bool = False
    group: str = ""
    title: str = ""
    chosen: str = ""
    ruled: str | None = None

    @property
    def shown(self) -> bool:
        """Whether whoever may see it does."""
        return not (self.deleted or self.hidden or self.banished or self.erased)


@dataclass(slots=True)
class Comment:
    """A comment as its author and the moderator of the group that it stands in left it."""

    post: str
    author: str
    body: str
    deleted: bool = False
    hidden: bool = False
    answer: bool = False
    banished: bool = False
    erased: bool = False

    @property
    def shown(self) -> bool:
        """Whether whoever sees what it stands below sees it too."""
        return not (self.deleted or self.hidden or self.banished or self.erased)


@dataclass(slots=True)
class Group:
    """A group and who is in it; ``local`` if it is there in its own region alone.

    One that is ``private`` is its members' alone; ``asking`` wait to be let in, ``ever`` are those whom it ever let in, and
    ``moderators`` those who have a role in it, its owner among them; they stay.
    """

    region: str
    name: str
    members: set[str]
    local: bool = False
    private: bool = False
    asking: set[str] = field(default_factory=set)
    ever: set[str] = field(default_factory=set)
    moderators: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Expected:
    """The content of the network.

    ``reactions`` are (target, emoji, person), ``helped`` (what, whom), ``follows`` (who, whom); ``overruled`` are questions
    whose author was told that their group has ruled on them, ``erasures`` the id of each person's who is erased.
    """

    posts: dict[str, Post] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    reactions: set[tuple[str, str, str]] = field(default_factory=set)
    helped: set[tuple[str, str]] = field(default_factory=set)
    follows: set[tuple[str, str]] = field(default_factory=set)
    titles: dict[str, str] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    gifts: Gifts = field(default_factory=Gifts)
    overruled: list[str] = field(default_factory=list)
    erasures: dict[str, str] = field(default_factory=dict)

    @property
    def written(self) -> dict[str, Post | Comment]:
        """All posts and comments."""
        return {**self.posts, **self.comments}

    def groups_of(self, region: str) -> dict[str, Group]:
        """Return the groups that are there in ``region`` for everybody."""
        return {
            name: group
            for name, group in self.groups.items()
            if not group.private and (group.region == region or not group.local)
        }

    def circles(self) -> dict[str, Group]:
        """Return the private groups."""
        return {name: group for name, group in self.groups.items() if group.private}

    def posts_of(self, region: str) -> dict[str, Post]:
        """Return what ``region`` has to show to everybody."""
        circles = self.circles()
        return {
            name: post
            for name, post in self.posts.items()
            if post.shown and post.group not in circles and (post.region == region or not post.local)
        }

    def posts_in(self, group: str) -> dict[str, Post]:
        """Return what a group's members have to be shown in it."""
        return {name: post for name, post in self.posts.items() if post.shown and post.group == group}

    def private_to_others(self, person: str) -> list[str]:
        """Return the posts that somebody must not be shown, because they stand in private groups of others."""
        closed = {name for name, group in self.circles().items() if person not in group.members}
        return [name for name, post in self.posts.items() if post.group in closed]

    def comments_on(self, posts: Mapping[str, Post]) -> dict[str, Comment]:
        """Return the comments that are to be seen on these posts."""
        return {name: comment for name, comment in self.comments.items() if comment.shown and comment.post in posts}

    def hidden(self) -> list[str]:
        """Return what moderators hide and nothing else takes away: posts, and comments below what is shown."""
        posts = [name for name, post in self.posts.items() if post.hidden and replace(post, hidden=False).shown]
        below = ((name, each) for name, each in self.comments.items() if each.hidden and self.posts[each.post].shown)
        return [*posts, *(name for name, comment in below if replace(comment, hidden=False).shown)]

    def is_for(self, hidden: str, person: str, region: str) -> bool:
        """Whether somebody in ``region`` has to be shown what is hidden, by its id: its author, and who moderates."""
        written = self.posts.get(hidden) or self.comments[hidden]
        post = written if isinstance(written, Post) else self.posts[written.post]
        group = self.groups[post.group]
        let_in = person in group.members or not group.private
        there = post.region == region or not post.local
        return let_in and there and (person == written.author or person in group.moderators)

    def accepted_of(self, post: Post, comments: Mapping[str, Comment]) -> str:
        """Return which of the answers that are shown is the accepted one; empty if none is."""
        wanted = post.chosen if post.ruled is None else post.ruled
        return wanted if wanted in comments else ""

    def questions_of(self, region: str) -> dict[str | None, list[str]]:
        """Return the questions that ``region`` has to list: all, those without an answer, those without an accepted one."""
        posts = self.posts_of(region)
        comments = self.comments_on(posts)
        answered = {comment.post for comment in comments.values() if comment.answer}
        asked = [name for name, post in posts.items() if post.title]
        return {
            None: asked,
            "UNANSWERED": [name for name in asked if name not in answered],
            "UNACCEPTED": [name for name in asked if not self.accepted_of(posts[name], comments)],
        }

    def local_ids(self) -> dict[str, set[str]]:
        """Return the ids of what no other region may have heard of, by the region whose it is."""
        local: dict[str, set[str]] = {}
        for name, post in self.posts.items():
            if post.local:
                local.setdefault(post.region, set()).add(name)
        for name, group in self.groups.items():
            if group.local:
                local.setdefault(group.region, set()).add(name)
        for name, comment in self.comments.items():
            commented = self.posts[comment.post]
            if commented.local and not name.startswith(UNNAMED):
                local.setdefault(commented.region, set()).add(name)
        return local

    def question_of(self, given: Mapping[str, Any]) -> str:
        """Return the question that an acceptance is about."""
        return self.comments[given["commentId"]].post if "commentId" in given else str(given["postId"])
