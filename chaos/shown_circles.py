"""What a region shows of a private group: to its members, to who moderates it, and to those for whom it is not there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from chaos.client import Client
from chaos.reading import NODE, ShownComment, ShownPost, ask_all, pages, post_of, read_comments

HOME_PAGES_MAX = 3
GROUP = "query ($id: ID!) { group(id: $id) { name memberCount } }"
FEED = f"""
query ($id: ID!, $first: Int!, $after: String) {{
  groupFeed(groupId: $id, first: $first, after: $after) {{
    edges {{ node {{ {NODE} }} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}
"""
MEMBERS = """
query ($id: ID!, $first: Int!, $after: String) {
  groupMembers(groupId: $id, first: $first, after: $after) {
    edges { node { person { id } } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
REQUESTS = MEMBERS.replace("groupMembers", "membershipRequests")
HOME = """
query ($first: Int!, $after: String) {
  homeFeed(first: $first, after: $after) { edges { node { id } } pageInfo { hasNextPage endCursor } }
}
"""
POST = "query ($id: ID!) { post(id: $id) { id } node(id: $id) { id } }"


@dataclass(slots=True)
class ShownCircle:
    """What somebody is shown of a private group; ``count`` is how many members it says it has, None if it is not there.

    ``asking`` is None for who does not moderate it.
    """

    region: str
    person: str
    group: str
    name: str = ""
    count: int | None = None
    members: list[str] = field(default_factory=list)
    posts: list[ShownPost] = field(default_factory=list)
    comments: list[ShownComment] = field(default_factory=list)
    asking: list[str] | None = None


async def read_circle(region: str, person: str, client: Client, group: str, *, moderates: bool) -> ShownCircle:
    """Return what ``person`` is shown of ``group``; also what they should not be."""
    shown = ShownCircle(region, person, group)
    found = (await client.ask(GROUP, id=group)).get("group")
    if found is not None:
        shown.name, shown.count = found["name"], found["memberCount"]
    shown.members = [node["person"]["id"] async for node in pages(client, MEMBERS, "groupMembers", id=group)]
    shown.posts = [post_of(node) async for node in pages(client, FEED, "groupFeed", id=group)]
    for comments in await ask_all(read_comments(client, post.post) for post in shown.posts if post.comment_count):
        shown.comments += comments
    if moderates:
        asking = pages(client, REQUESTS, "membershipRequests", id=group)
        shown.asking = [node["person"]["id"] async for node in asking]
    return shown


async def read_strays(client: Client, posts: Iterable[str]) -> list[str]:
    """Return which of these posts somebody is shown, by their ids or at the top of their home feed."""
    asked = list(posts)
    answers = await ask_all(client.ask(POST, id=post) for post in asked)
    strays = {post for post, found in zip(asked, answers, strict=True) if any(found.values())}
    home = [node["id"] async for node in pages(client, HOME, "homeFeed", pages_max=HOME_PAGES_MAX)]
    return sorted(strays | set(home).intersection(asked))
