"""The posts, comments and reactions that there must be, and what their counts must say."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from simulation.reference.groups import Groups
from simulation.reference.tables import Tables, reaching


@dataclass(slots=True)
class Text:
    """A post, or a comment below one, which may be an answer."""

    id: str
    author: str
    body: str
    post_id: str = ""
    group_id: str = ""
    deleted: bool = False
    local: bool = False
    title: str = ""
    """Of a question, which has one; of nothing else."""
    chosen: str = ""
    """The answer that who asked accepts."""
    answer: bool = False


def tables(
    posts: Mapping[str, Text],
    comments: Mapping[str, Text],
    reactions: Collection[tuple[str, bool, str, str]],
    votes: Collection[tuple[str, bool, str]],
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

    below = [comment for comment in written if not comment.deleted and not is_hidden(comment)]
    shown = Counter(comment.post_id for comment in below)
    answers = {comment.id: comment.post_id for comment in below if comment.answer}
    return {
        **_questions(posts.values(), answers, groups),
        **_votes(votes, [*posts.values(), *written], erased, region),
        "feed.posts": (
            "select id, local, author, body, deleted, group_id, open, hidden, comment_count, reactions from posts",
            {(*_columns(p), *_placed(p, groups), shown[p.id], _json(counts[p.id])) for p in posts.values()},
        ),
        "feed.comments": (
            "select id, local, author, body, deleted, post_id, hidden, reactions from comments",
            {(*_columns(c), c.post_id, is_hidden(c), _json(counts[c.id])) for c in written},
        ),
        "feed.answers": ("select id from comments where answer", {(c.id,) for c in written if c.answer}),
        "feed.reactions": ("select target_id, local, person, emoji from reactions", kept),
    }


def _questions(posts: Collection[Text], answers: Mapping[str, str], groups: Groups) -> Tables:
    answered = Counter(answers.values())
    return {
        "feed.questions": (
            "select id, title, chosen, answer_count, accepted from posts where kind = 2",
            {
                (
                    p.id,
                    "" if p.deleted else p.title,
                    "" if p.deleted else p.chosen,
                    answered[p.id],
                    accepted_answer(p, answers, groups),
                )
                for p in posts
                if p.title
            },
        ),
        "search.acceptances": (
            "select post_id, local, person, comment_id from acceptances",
            {(p.id, p.local, p.author, p.chosen) for p in posts if p.chosen and not p.deleted},
        ),
    }


def _votes(
    votes: Collection[tuple[str, bool, str]], texts: Iterable[Text], erased: Collection[str], region: str
) -> Tables:
    """A vote for what its voter wrote stands in its register, and counts for nothing."""
    helped = {vote for vote in votes if vote[2] not in erased and (not vote[1] or _is_of(vote, region))}
    authors = {text.id: text.author for text in texts}
    helpful = Counter(target for target, _, person in helped if authors.get(target) != person)
    return {
        "feed.helpful": ("select target_id, local, person from helpful", helped),
        "search.helpful": ("select target_id, local, person from helpful", helped),
        "feed.helped": (
            "select id, helpful_count from posts union all select id, helpful_count from comments",
            {(text, helpful[text]) for text in authors},
        ),
    }


def accepted_answer(question: Text, answers: Mapping[str, str], groups: Groups) -> str:
    """Return the answer that its group has ruled to be accepted or, if it has not, that who asked has chosen.

    It is one of ``answers``, which are shown, each with what it stands below; or none, which is empty.
    """
    wanted = groups.decided.rulings.get((question.id, question.group_id), question.chosen)
    return wanted if answers.get(wanted) == question.id else ""


def _placed(post: Text, groups: Groups) -> tuple[str | None, bool, bool]:
    """Return the group that a post stands in, whether that is open to all, and whether it hides the post."""
    is_open = not post.group_id or not groups.by_id[post.group_id].private
    return post.group_id or None, is_open, groups.hides(post.group_id, post.id, post.author)


def _is_of(said: tuple[str, bool, str, str] | tuple[str, bool, str], region: str) -> bool:
    return said[0].startswith(f"{region}_")


def _columns(text: Text) -> tuple[str, bool, str, str, bool]:
    return text.id, text.local, text.author, "" if text.deleted else text.body, text.deleted


def _json(counts: Counter[str]) -> str:
    return json.dumps(dict(sorted(counts.items())), ensure_ascii=False, separators=(",", ":"))
