"""The posts, comments and reactions that there must be, and what their counts must say."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from simulation.reference.groups import Groups
from simulation.reference.tables import Tables, reaching


@dataclass(slots=True)
class Text:
    """A post, or a comment below one."""

    id: str
    author: str
    body: str
    post_id: str = ""
    group_id: str = ""
    deleted: bool = False
    local: bool = False


def tables(
    posts: Mapping[str, Text],
    comments: Mapping[str, Text],
    reactions: Collection[tuple[str, bool, str, str]],
    groups: Groups,
    erased: Collection[str],
    region: str,
) -> Tables:
    posts = {post.id: post for post in reaching(posts.values(), region) if post.author not in erased}
    written = [comment for comment in reaching(comments.values(), region) if comment.author not in erased]
    kept = {
        reaction
        for reaction in reactions
        if reaction[2] not in erased and (not reaction[1] or _is_of(reaction, region))
    }
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for target, _, _, emoji in kept:
        counts[target][emoji] += 1

    def is_hidden(comment: Text) -> bool:
        post = posts.get(comment.post_id)
        return post is not None and not comment.deleted and groups.hides(post.group_id, comment.id, comment.author)

    shown = Counter(comment.post_id for comment in written if not comment.deleted and not is_hidden(comment))
    return {
        "feed.posts": (
            "select id, local, author, body, deleted, group_id, open, hidden, comment_count, reactions from posts",
            {(*_columns(p), *_placed(p, groups), shown[p.id], _json(counts[p.id])) for p in posts.values()},
        ),
        "feed.comments": (
            "select id, local, author, body, deleted, post_id, hidden, reactions from comments",
            {(*_columns(c), c.post_id, is_hidden(c), _json(counts[c.id])) for c in written},
        ),
        "feed.reactions": ("select target_id, local, person, emoji from reactions", kept),
    }


def _placed(post: Text, groups: Groups) -> tuple[str | None, bool, bool]:
    """Return the group that a post stands in, whether that is open to all, and whether it hides the post."""
    is_open = not post.group_id or not groups.by_id[post.group_id].private
    return post.group_id or None, is_open, groups.hides(post.group_id, post.id, post.author)


def _is_of(reaction: tuple[str, bool, str, str], region: str) -> bool:
    return reaction[0].startswith(f"{region}_")


def _columns(text: Text) -> tuple[str, bool, str, str, bool]:
    return text.id, text.local, text.author, "" if text.deleted else text.body, text.deleted


def _json(counts: Counter[str]) -> str:
    return json.dumps(dict(sorted(counts.items())), ensure_ascii=False, separators=(",", ":"))
