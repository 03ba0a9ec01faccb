"""What every region has to show after all that the journal says: a plain model, by plain rules.

A person's writes stand in the journal in the order in which they were acknowledged, and each person writes one thing
after another, so nothing depends on who was first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chaos.gifts import GIFT_RULES, Gifts
from chaos.journal import Acknowledged, Refused

UNNAMED = "unnamed "
"""How the name of a comment begins here of which nobody was told the id; its text tells which one it is."""


@dataclass(slots=True)
class Post:
    """A post as its author and its group's moderator left it; ``local`` if it may be seen in its own region alone."""

    region: str
    author: str
    body: str
    local: bool = False
    deleted: bool = False
    hidden: bool = False


@dataclass(slots=True)
class Comment:
    """A comment as its author left it."""

    post: str
    author: str
    body: str
    deleted: bool = False


@dataclass(slots=True)
class Group:
    """A group and who is in it; ``local`` if it is there in its own region alone."""

    region: str
    name: str
    members: set[str]
    local: bool = False


@dataclass(slots=True)
class Expected:
    """The content of the network; ``reactions`` are (target, emoji, person), ``follows`` (who, whom)."""

    posts: dict[str, Post] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    reactions: set[tuple[str, str, str]] = field(default_factory=set)
    follows: set[tuple[str, str]] = field(default_factory=set)
    titles: dict[str, str] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    gifts: Gifts = field(default_factory=Gifts)

    def groups_of(self, region: str) -> dict[str, Group]:
        """Return the groups that are there in ``region``."""
        return {name: group for name, group in self.groups.items() if group.region == region or not group.local}

    def posts_of(self, region: str) -> dict[str, Post]:
        """Return what ``region`` has to show."""
        return {
            name: post
            for name, post in self.posts.items()
            if not (post.deleted or post.hidden) and (post.region == region or not post.local)
        }

    def comments_on(self, posts: Mapping[str, Post]) -> dict[str, Comment]:
        """Return the comments that are to be seen on these posts."""
        return {
            name: comment for name, comment in self.comments.items() if not comment.deleted and comment.post in posts
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

    def apply(self, entry: Acknowledged) -> None:
        """Take one write into account."""
        if entry.field in GIFT_RULES:
            GIFT_RULES[entry.field](self.gifts, entry, entry.input)
        else:
            _RULES[entry.field](self, entry, entry.input)


def expect(entries: Iterable[Acknowledged], refusals: Iterable[Refused] = ()) -> Expected:
    """Return what follows from these writes, and what was refused."""
    expected = Expected()
    for entry in entries:
        expected.apply(entry)
    for refusal in refusals:
        expected.gifts.refuse(refusal)
    return expected


Rule = Callable[[Expected, Acknowledged, Mapping[str, Any]], None]


def _create_post(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    group = expected.groups.get(given.get("groupId", ""))
    local = group.local if group else given.get("reach") == "LOCAL"
    expected.posts[entry.made] = Post(entry.region, entry.person, given["body"], local=local)


def _edit_post(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    expected.posts[given["postId"]].body = given["body"]


def _delete_post(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    expected.posts[given["postId"]].deleted = True


def _add_comment(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    name = entry.made or f"{UNNAMED}{entry.person} {entry.key}"
    expected.comments[name] = Comment(given["postId"], entry.person, given["body"])


def _delete_comment(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    expected.comments[given["commentId"]].deleted = True


def _react(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    expected.reactions.add((given["targetId"], given["emoji"], entry.person))


def _unreact(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    expected.reactions.discard((given["targetId"], given["emoji"], entry.person))


def _follow(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    expected.follows.add((entry.person, given["personId"]))


def _unfollow(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    expected.follows.discard((entry.person, given["personId"]))


def _update_profile(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    if "title" in given:
        expected.titles[entry.person] = given["title"]
    if "managerId" in given:
        expected.gifts.managers[entry.person] = given["managerId"]


def _create_group(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    local = given["reach"] == "LOCAL"
    expected.groups[entry.made] = Group(entry.region, given["name"], {entry.person}, local=local)


def _join_group(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    expected.groups[given["groupId"]].members.add(entry.person)


def _leave_group(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    expected.groups[given["groupId"]].members.discard(entry.person)


def _hide_content(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    expected.posts[given["contentId"]].hidden = True


def _restore_content(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    expected.posts[given["contentId"]].hidden = False


def _set_member_role(expected: Expected, entry: Acknowledged, given: Mapping[str, Any]) -> None:
    """Nothing that is shown to everybody follows from a role alone."""


_RULES: dict[str, Rule] = {
    "createPost": _create_post,
    "editPost": _edit_post,
    "deletePost": _delete_post,
    "addComment": _add_comment,
    "deleteComment": _delete_comment,
    "react": _react,
    "unreact": _unreact,
    "followPerson": _follow,
    "unfollowPerson": _unfollow,
    "updateProfile": _update_profile,
    "createGroup": _create_group,
    "joinGroup": _join_group,
    "leaveGroup": _leave_group,
    "setMemberRole": _set_member_role,
    "hideContent": _hide_content,
    "restoreContent": _restore_content,
}
