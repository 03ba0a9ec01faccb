"""Loads the demo's people and posts through the public GraphQL API, as its people would, and shows how to go on.

Every mutation has an idempotency key that is always the same, so that loading the demo again changes nothing.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import orjson

from ops.demo_content import BADGE, PEOPLE, POSTS, THANKS, Badge, Comment, Person, Post, Thanks
from ops.dirs import DataDir
from ops.failure import Failure
from ops.output import Output
from ops.plan import NetworkPlan
from ops.tokens import Bearer, make_token
from services.chassis.clock import SystemClock

_TOKEN_SECONDS = 12 * 3600
_ANSWER_SECONDS_MAX = 15.0
_HOME_FEED = """
query HomeFeed {
  viewer { handle }
  homeFeed(first: 3) {
    edges { node { id body author { handle } commentCount reactions { emoji count viewerReacted } } }
    pageInfo { hasNextPage endCursor }
  }
}
""".strip()

_VIEWER = "query { viewer { id title about } }"
_UPDATE_PROFILE = "mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { errors { code message } } }"
_FOLLOW = "mutation ($input: FollowPersonInput!) { followPerson(input: $input) { errors { code message } } }"
_POST = "mutation ($input: CreatePostInput!) { createPost(input: $input) { post { id } errors { code message } } }"
_COMMENT = (
    "mutation ($input: AddCommentInput!) { addComment(input: $input) { comment { id } errors { code message } } }"
)
_THANK = "mutation ($input: GiveThanksInput!) { giveThanks(input: $input) { errors { code message } } }"
_DEFINE = "mutation ($input: DefineBadgeInput!) { defineBadge(input: $input) { badge { id } errors { code message } } }"
_AWARD = "mutation ($input: AwardBadgeInput!) { awardBadge(input: $input) { errors { code message } } }"
_REACT = "mutation ($input: ReactInput!) { react(input: $input) { errors { code message } } }"


async def load_and_show(plan: NetworkPlan, output: Output) -> None:
    """Load the demo into the first region and print how to look at it; Failure if a request is refused."""
    region = plan.regions[0]
    tokens = {person.handle: _token(plan.data, region.region, person) for person in PEOPLE}
    async with httpx.AsyncClient(
        base_url=region.url, trust_env=False, timeout=_ANSWER_SECONDS_MAX, headers={"content-type": "application/json"}
    ) as client:
        await Loader(client, tokens).load(PEOPLE, POSTS, THANKS, BADGE)
    output.note(f"The demo is loaded: {len(PEOPLE)} people and {len(POSTS)} posts in {region.region}.")
    output.plain(directions(region.region, region.url, plan.data, tokens[PEOPLE[0].handle]))


def program() -> str:
    """Return how the command that runs here is called from a shell."""
    path = Path(sys.argv[0])
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def directions(region: str, url: str, data: DataDir, token: str) -> str:
    """Return what to do first: where GraphiQL is, a token, a query, and the line that asks it."""
    handle = PEOPLE[0].handle
    body = orjson.dumps({"query": " ".join(_HOME_FEED.split())}).decode()
    return f"""
GraphiQL          {url}/graphql
A token           {shlex.quote(program())} token --region {region} --as {handle} --data {shlex.quote(str(data.root))}
Header            {{"Authorization": "Bearer {token}"}}

A query, {handle}'s home feed:

{_HOME_FEED}

The same from a shell:

curl -s {url}/graphql -H 'content-type: application/json' -H 'authorization: Bearer {token}' -d {shlex.quote(body)}
"""


class Loader:
    """Does what the demo's people do, each with their own token."""

    def __init__(self, client: httpx.AsyncClient, tokens: Mapping[str, str]) -> None:
        self._client = client
        self._tokens = tokens
        self._seen = ""

    async def load(
        self, people: Sequence[Person], posts: Sequence[Post], thanks: Sequence[Thanks], badge: Badge
    ) -> None:
        ids = {person.handle: await self._introduce(person) for person in people}
        for person in people:
            for followed in person.follows:
                await self._do(person.handle, _FOLLOW, f"follow-{followed}", personId=ids[followed])
        for post in posts:
            await self._publish(post)
        for given in thanks:
            receivers = [ids[receiver] for receiver in given.receivers]
            fields = {"receiverIds": receivers, "message": given.message, "value": given.value}
            await self._do(given.giver, _THANK, f"thanks-{given.key}", **fields)
        await self._award(badge, ids)

    async def _introduce(self, person: Person) -> str:
        """Make the person known by their first request, and return their id."""
        viewer = (await self._ask(person.handle, _VIEWER, {}))["viewer"]
        if (viewer["title"], viewer["about"]) != (person.title, person.about):
            await self._do(person.handle, _UPDATE_PROFILE, "profile", title=person.title, about=person.about)
        return str(viewer["id"])

    async def _publish(self, post: Post) -> None:
        made = await self._do(post.author, _POST, f"post-{post.key}", body=post.body)
        post_id = made["post"]["id"]
        for comment in post.comments:
            await self._comment(post_id, comment)
        await self._react(post_id, post.key, post.reactions)

    async def _award(self, badge: Badge, ids: Mapping[str, str]) -> None:
        terms = {"name": badge.name, "criteria": badge.criteria, "kind": "PEER", "monthlyLimit": badge.monthly_limit}
        badge_id = (await self._do(badge.definer, _DEFINE, f"badge-{badge.key}", **terms))["badge"]["id"]
        for given in badge.awards:
            for receiver in given.receivers:
                fields = {"badgeId": badge_id, "receiverId": ids[receiver], "message": given.message}
                await self._do(given.giver, _AWARD, f"award-{given.key}-{receiver}", **fields)

    async def _comment(self, post_id: str, comment: Comment) -> None:
        key = f"comment-{comment.key}"
        made = await self._do(comment.author, _COMMENT, key, postId=post_id, body=comment.body)
        await self._react(made["comment"]["id"], comment.key, comment.reactions)

    async def _react(self, target_id: str, key: str, reactions: Mapping[str, Sequence[str]]) -> None:
        for number, (emoji, handles) in enumerate(reactions.items()):
            for handle in handles:
                await self._do(handle, _REACT, f"react-{key}-{number}", targetId=target_id, emoji=emoji)

    async def _do(self, handle: str, mutation: str, key: str, **fields: object) -> dict[str, Any]:
        """Carry out one mutation and return its payload; Failure if it says that something is wrong."""
        data = await self._ask(handle, mutation, {"input": {**fields, "idempotencyKey": f"demo-{key}"}})
        (payload,) = data.values()
        if payload["errors"]:
            raise Failure(f"The demo could not be loaded: {handle}, {key}: {payload['errors'][0]['message']}")
        return dict(payload)

    async def _ask(self, handle: str, query: str, variables: Mapping[str, object]) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {self._tokens[handle]}"}
        if self._seen:  # one comments on what another has just posted, perhaps through another replica
            headers["samverka-after"] = self._seen
        request = orjson.dumps({"query": query, "variables": variables})
        try:
            response = await self._client.post("/graphql", content=request, headers=headers)
            answer = orjson.loads(response.content)
        except (httpx.HTTPError, ValueError) as error:
            raise Failure(
                f"The demo could not be loaded: the gateway gave no answer ({type(error).__name__})"
            ) from error
        if answer.get("errors"):
            raise Failure(f"The demo could not be loaded: {handle}: {answer['errors'][0]['message']}")
        self._seen = response.headers.get("samverka-position", self._seen)
        return dict(answer["data"])


def _token(data: DataDir, region: str, person: Person) -> str:
    bearer = Bearer(region=region, handle=person.handle, name=person.name, roles=person.roles)
    return make_token(data, bearer, lifetime_seconds=_TOKEN_SECONDS, clock=SystemClock())
