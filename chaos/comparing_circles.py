"""What people are shown of private groups, held against who is in them: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chaos.comparing import compare_comments, compare_ids, compare_posts, named
from chaos.expected import Expected
from chaos.findings import Finding, Kind
from chaos.shown_circles import ShownCircle


def compare_circle(shown: ShownCircle, expected: Expected) -> Iterator[Finding]:
    """Yield every difference between what somebody is shown of a private group and what they must be."""
    group = expected.groups[shown.group]
    if shown.person not in group.members:
        yield from _check_nothing(shown)
        return
    where = f"of {shown.group}, to {shown.person}"
    told, meant = (shown.name, shown.count), (group.name, len(group.members))
    if told != meant:
        yield Finding(Kind.CHANGED, shown.region, f"{shown.group} shows {shown.person} {told}, and is {meant}")
    yield from compare_ids(f"member {where}", shown.region, shown.members, group.members)
    posts = expected.posts_in(shown.group)
    comments = expected.comments_on(posts)
    yield from compare_ids(f"post {where}", shown.region, [post.post for post in shown.posts], posts)
    below = named(shown.comments, comments)
    yield from compare_ids(f"comment {where}", shown.region, [each.comment for each in below], comments)
    yield from compare_posts(shown.region, shown.posts, posts, comments, expected)
    yield from compare_comments(shown.region, below, comments, expected)
    if shown.asking is not None:
        yield from compare_ids(f"request {where}", shown.region, shown.asking, group.asking)


def check_strays(region: str, person: str, strays: Iterable[str]) -> Iterator[Finding]:
    """Yield private posts that somebody is shown who may not see them."""
    for post in strays:
        yield Finding(Kind.LEAK, region, f"{person or 'a stranger'} is shown the private post {post}")


def check_trespasses(expected: Expected) -> Iterator[Finding]:
    """Yield writings in private groups of people whom those had never let in."""
    for name, post in expected.posts.items():
        if post.group and not _may_have(expected, post.group, post.author):
            yield Finding(
                Kind.LEAK, post.region, f"{post.author} posted {name} into {post.group}, and was never let in"
            )
    for name, comment in expected.comments.items():
        group = expected.posts[comment.post].group
        if group and not _may_have(expected, group, comment.author):
            region = comment.author.partition("_")[0]
            yield Finding(Kind.LEAK, region, f"{comment.author} wrote {name} in {group}, and was never let in")


def _may_have(expected: Expected, group: str, person: str) -> bool:
    return not expected.groups[group].private or person in expected.groups[group].ever


def _check_nothing(shown: ShownCircle) -> Iterator[Finding]:
    held = [*shown.members, *(post.post for post in shown.posts), *(each.comment for each in shown.comments)]
    if shown.count is not None or held:
        text = f"{shown.group} shows itself to {shown.person or 'a stranger'}, who is not in it: {held[:5]}"
        yield Finding(Kind.LEAK, shown.region, text)
