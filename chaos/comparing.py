"""What a region shows, held against what the journal says it must show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from chaos.expected import Comment, Expected, Group, Post
from chaos.findings import Finding, Kind
from chaos.gifts import Gifts
from chaos.journal import UNNAMED
from chaos.reading import Shown, ShownComment, ShownPost


def compare(shown: Shown, expected: Expected, people: Iterable[str]) -> Iterator[Finding]:
    """Yield every difference."""
    posts = expected.posts_of(shown.region)
    comments = expected.comments_on(posts)
    shown = replace(shown, comments=named(shown.comments, comments))
    yield from _compare_praise(shown, expected.gifts)
    shown = replace(shown, posts=[post for post in shown.posts if not post.gift])
    there = [person for person in people if person not in expected.erasures]
    yield from compare_ids("person", shown.region, [person.person for person in shown.people], there)
    yield from compare_ids("post", shown.region, [post.post for post in shown.posts], posts)
    yield from compare_ids("comment", shown.region, [comment.comment for comment in shown.comments], comments)
    yield from compare_ids(
        "group", shown.region, [group.group for group in shown.groups], expected.groups_of(shown.region)
    )
    for which, questions in expected.questions_of(shown.region).items():
        listed = f"question ({(which or 'all').lower()})"
        yield from compare_ids(listed, shown.region, shown.questions.get(which, []), questions)
    yield from _compare_groups(shown, expected.groups)
    yield from compare_posts(shown.region, shown.posts, posts, comments, expected)
    yield from compare_comments(shown.region, shown.comments, comments, expected)
    yield from _compare_people(shown, expected)


def check_overruled(expected: Expected) -> Iterator[Finding]:
    """Yield questions whose author was told that their group has decided which answer is accepted, where it has not."""
    for question in expected.overruled:
        if expected.posts[question].ruled is None:
            region = expected.posts[question].region
            yield Finding(Kind.ANSWER, region, f"who asked {question} was told that its group had ruled on it")


def named(shown: Iterable[ShownComment], comments: Mapping[str, Comment]) -> list[ShownComment]:
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
            yield from _differ(shown.region, f"the praise of {post.gift}", (post.author, post.body), told)


def compare_posts(
    region: str,
    shown: Iterable[ShownPost],
    posts: Mapping[str, Post],
    comments: Mapping[str, Comment],
    expected: Expected,
) -> Iterator[Finding]:
    """Yield what posts that are shown say otherwise than they must."""
    reactions: dict[str, Counter[str]] = {}
    for target, emoji, _ in expected.reactions:
        reactions.setdefault(target, Counter())[emoji] += 1
    below = Counter(comment.post for comment in comments.values())
    answers = Counter(comment.post for comment in comments.values() if comment.answer)
    helped = Counter(target for target, _ in expected.helped)
    for post in shown:
        wanted = posts.get(post.post)
        if wanted is not None:
            yield from _differ(region, f"the author of {post.post}", post.author, wanted.author)
            yield from _differ(region, f"the body of {post.post}", post.body, wanted.body)
            yield from _differ(region, f"the comments on {post.post}", post.comment_count, below[post.post])
            yield from _differ(region, f"the reactions to {post.post}", post.reactions, reactions.get(post.post, {}))
            yield from _differ(region, f"whom {post.post} helped", post.helpful, helped[post.post])
            yield from _differ(region, f"the title of {post.post}", post.title, wanted.title)
            yield from _differ(region, f"the answers to {post.post}", post.answers, answers[post.post])
            accepted = expected.accepted_of(wanted, comments)
            yield from _differ(region, f"the accepted answer to {post.post}", post.accepted, accepted)


def compare_comments(
    region: str, shown: Iterable[ShownComment], comments: Mapping[str, Comment], expected: Expected
) -> Iterator[Finding]:
    """Yield what comments that are shown say otherwise than they must."""
    helped = Counter(target for target, _ in expected.helped)
    for comment in shown:
        wanted = comments.get(comment.comment)
        if wanted is not None:
            told = (comment.post, comment.author, comment.body, comment.answer)
            meant = (wanted.post, wanted.author, wanted.body, wanted.answer)
            yield from _differ(region, f"the comment {comment.comment}", told, meant)
            yield from _differ(region, f"whom {comment.comment} helped", comment.helpful, helped[comment.comment])


def _compare_groups(shown: Shown, groups: Mapping[str, Group]) -> Iterator[Finding]:
    for group in shown.groups:
        wanted = groups[group.group]
        yield from _differ(shown.region, f"the name of {group.group}", group.name, wanted.name)
        yield from _differ(shown.region, f"the members of {group.group}", group.members, len(wanted.members))


def _compare_people(shown: Shown, expected: Expected) -> Iterator[Finding]:
    followers = Counter(followed for _, followed in expected.follows)
    following = Counter(follower for follower, _ in expected.follows)
    for person in shown.people:
        name = person.person
        yield from _differ(shown.region, f"the title of {name}", person.title, expected.titles.get(name, ""))
        yield from _differ(shown.region, f"the followers of {name}", person.followers, followers[name])
        yield from _differ(shown.region, f"whom {name} follows", person.following, following[name])


def _differ(region: str, what: str, found: object, wanted: object) -> Iterator[Finding]:
    if found != wanted:
        yield Finding(Kind.CHANGED, region, f"{what}: shown is {found!r}, acknowledged was {wanted!r}")
