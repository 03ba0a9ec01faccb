"""What somebody must find by each word, and what it may become as they type it: what they may see, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from chaos.expected import Comment, Expected, Group, Post
from chaos.journal import UNNAMED
from chaos.words import words_in

Findable = dict[str, set[str]]
"""The ids of what holds each word."""


def found_by(expected: Expected, region: str, person: str) -> Findable:
    """Return what ``person`` finds in ``region``; nobody in particular if they are empty."""
    found: Findable = {}
    for name, texts in _texts(expected, region, person):
        for word in words_in(*texts):
            found.setdefault(word, set()).add(name)
    return found


def suggested_to(expected: Expected, region: str, person: str) -> Findable:
    """Return the groups and questions in whose names there is each word."""
    suggested: Findable = {}
    named = {name: group.name for name, group in _groups(expected, region, person).items()}
    named |= {name: post.title for name, post in _posts(expected, region, person).items() if post.title}
    for name, title in named.items():
        for word in words_in(title):
            suggested.setdefault(word, set()).add(name)
    return suggested


def words_of_names(expected: Expected) -> set[str]:
    """Return the words in the names of all groups and the titles of all questions, whoever may see them."""
    names = (group.name for group in expected.groups.values())
    return words_in(*names, *(post.title for post in expected.posts.values()))


def words_among(expected: Expected) -> set[str]:
    """Return the words that stand in private groups, or in their names."""
    circles = expected.circles()
    posts = {name: post for name, post in expected.posts.items() if post.group in circles}
    comments = (comment.body for comment in expected.comments.values() if comment.post in posts)
    names = (group.name for group in circles.values())
    return words_in(*names, *comments, *(text for post in posts.values() for text in (post.title, post.body)))


def unsure_words(expected: Expected) -> set[str]:
    """Return the words of comments of which nobody was told the id: by these alone it cannot be said what is found."""
    return words_in(*(comment.body for name, comment in expected.comments.items() if name.startswith(UNNAMED)))


def _texts(expected: Expected, region: str, person: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    posts = _posts(expected, region, person)
    for name, post in posts.items():
        yield name, (post.title, post.body)
    comments: dict[str, Comment] = expected.comments_on(posts)
    for name, comment in comments.items():
        yield name, (comment.body,)
    for name, group in _groups(expected, region, person).items():
        yield name, (group.name,)
    for name, title in expected.titles.items():
        yield name, (title,)


def _posts(expected: Expected, region: str, person: str) -> dict[str, Post]:
    posts = expected.posts_of(region)
    for name, group in expected.circles().items():
        if person in group.members:
            posts |= expected.posts_in(name)
    return posts


def _groups(expected: Expected, region: str, person: str) -> dict[str, Group]:
    inside = {name: group for name, group in expected.circles().items() if person in group.members}
    return {**expected.groups_of(region), **inside}
