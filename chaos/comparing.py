"""What a region shows, held against what the journal says it must show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from chaos.expected import UNNAMED, Comment, Expected, Group, Post
from chaos.findings import Finding, Kind
from chaos.gifts import Gifts
from chaos.reading import Shown, ShownComment


def compare(shown: Shown, expected: Expected, people: Iterable[str]) -> Iterator[Finding]:
    """Yield every difference."""
    posts = expected.posts_of(shown.region)
    comments = expected.comments_on(posts)
    shown = replace(shown, comments=_named(shown.comments, comments))
    yield from _compare_praise(shown, expected.gifts)
    shown = replace(shown, posts=[post for post in shown.posts if not post.gift])
    yield from compare_ids("person", shown.region, [person.person for person in shown.people], people)
    yield from compare_ids("post", shown.region, [post.post for post in shown.posts], posts)
    yield from compare_ids("comment", shown.region, [comment.comment for comment in shown.comments], comments)
    yield from compare_ids(
        "group", shown.region, [group.group for group in shown.groups], expected.groups_of(shown.region)
    )
    yield from _compare_groups(shown, expected.groups)
    yield from _compare_posts(shown, posts, comments, expected)
    yield from _compare_comments(shown, comments)
    yield from _compare_people(shown, expected)


def _named(shown: Iterable[ShownComment], comments: Mapping[str, Comment]) -> list[ShownComment]:
    """Give comments of which nobody was told the id the names that they have in the journal: no text is written twice."""
    unnamed = {
        (comment.post, comment.author, comment.body): name
        for name, comment in comments.items()
        if name.startswith(UNNAMED)
    }
    return [
        replace(comment, comment=unnamed.get((comment.post, comment.author, comment.body), comment.comment))
        for comment in shown
    ]


def compare_ids(kind: str, region: str, found: Iterable[str], wanted: Iterable[str]) -> Iterator[Finding]:
    """Yield what ``region`` shows more than once, not at all, or although it is not wanted."""
    counts = Counter(found)
    for name, count in counts.items():
        if count > 1:
            yield Finding(Kind.TWICE, region, f"the {kind} {name} is shown {count} times")
    for name in sorted(set(wanted) - counts.keys()):
        yield Finding(Kind.LOST, region, f"the {kind} {name} was acknowledged and is not shown")
    for name in sorted(counts.keys() - set(wanted)):
        yield Finding(Kind.SURPLUS, region, f"the {kind} {name} is shown, and nobody was told of it or it is gone")


def _compare_praise(shown: Shown, gifts: Gifts) -> Iterator[Finding]:
    """Yield gifts that stand among the posts otherwise than once, or as somebody else's."""
    public = gifts.public()
    praise = [post for post in shown.posts if post.gift]
    yield from compare_ids("praise of", shown.region, [post.gift for post in praise], public)
    for post in praise:
        if post.gift in public:
            told = (public[post.gift].giver, public[post.gift].message)
            yield from _differ(shown, f"the praise of {post.gift}", (post.author, post.body), told)


def _compare_posts(
    shown: Shown, posts: Mapping[str, Post], comments: Mapping[str, Comment], expected: Expected
) -> Iterator[Finding]:
    reactions: dict[str, Counter[str]] = {}
    for target, emoji, _ in expected.reactions:
        reactions.setdefault(target, Counter())[emoji] += 1
    answers = Counter(comment.post for comment in comments.values())
    for post in shown.posts:
        wanted = posts.get(post.post)
        if wanted is not None:
            yield from _differ(shown, f"the author of {post.post}", post.author, wanted.author)
            yield from _differ(shown, f"the body of {post.post}", post.body, wanted.body)
            yield from _differ(shown, f"the comments on {post.post}", post.comment_count, answers[post.post])
            yield from _differ(shown, f"the reactions to {post.post}", post.reactions, reactions.get(post.post, {}))


def _compare_comments(shown: Shown, comments: Mapping[str, Comment]) -> Iterator[Finding]:
    for comment in shown.comments:
        wanted = comments.get(comment.comment)
        if wanted is not None:
            told = (comment.post, comment.author, comment.body)
            yield from _differ(shown, f"the comment {comment.comment}", told, (wanted.post, wanted.author, wanted.body))


def _compare_groups(shown: Shown, groups: Mapping[str, Group]) -> Iterator[Finding]:
    for group in shown.groups:
        wanted = groups[group.group]
        yield from _differ(shown, f"the name of {group.group}", group.name, wanted.name)
        yield from _differ(shown, f"the members of {group.group}", group.members, len(wanted.members))


def _compare_people(shown: Shown, expected: Expected) -> Iterator[Finding]:
    followers = Counter(followed for _, followed in expected.follows)
    following = Counter(follower for follower, _ in expected.follows)
    for person in shown.people:
        name = person.person
        yield from _differ(shown, f"the title of {name}", person.title, expected.titles.get(name, ""))
        yield from _differ(shown, f"the followers of {name}", person.followers, followers[name])
        yield from _differ(shown, f"whom {name} follows", person.following, following[name])


def _differ(shown: Shown, what: str, found: object, wanted: object) -> Iterator[Finding]:
    if found != wanted:
        yield Finding(Kind.CHANGED, shown.region, f"{what}: shown is {found!r}, acknowledged was {wanted!r}")
