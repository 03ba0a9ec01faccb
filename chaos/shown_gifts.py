"""What a region shows of recognition: to everybody, to each of its people, and in the statements that they may read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chaos.client import Client
from chaos.gifts import Gift, Totals
from chaos.reading import ask_all, pages

_FROM, _TO = "2000-01-01T00:00:00.000Z", "2100-01-01T00:00:00.000Z"
GIFTS = """
query ($first: Int!, $after: String) {
  recognitions(first: $first, after: $after) {
    edges { node { id message value visibility giver { id } receivers { id } badge { id } } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
BADGES = """
query ($first: Int!, $after: String) {
  badges(first: $first, after: $after, retiredToo: true) {
    edges { node { id name value monthlyLimit viewerAwarded } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
STATEMENT = """
query ($id: ID!, $from: DateTime!, $to: DateTime!) {
  reviewStatement(personId: $id, from: $from, to: $to) {
    total thanks badges { badge { id } count } values { value count }
  }
}
"""


@dataclass(frozen=True, slots=True)
class ShownBadge:
    """A badge as a region shows it; ``awarded`` is how often who asks has awarded it."""

    badge: str
    name: str
    value: str
    limit: int
    awarded: int


@dataclass(slots=True)
class ShownGifts:
    """What somebody is shown of recognition; ``statements`` are of those whose they may read."""

    region: str
    person: str
    gifts: list[tuple[str, Gift]] = field(default_factory=list)
    badges: list[ShownBadge] = field(default_factory=list)
    statements: dict[str, Totals] = field(default_factory=dict)


async def read_gifts(region: str, person: str, client: Client, *, statements_of: Iterable[str] = ()) -> ShownGifts:
    """Return what ``person`` is shown in ``region``."""
    people = list(statements_of)
    shown = ShownGifts(region, person)
    shown.gifts = [_gift(node) async for node in pages(client, GIFTS, "recognitions")]
    shown.badges = [_badge(node) async for node in pages(client, BADGES, "badges")]
    shown.statements = dict(zip(people, await ask_all(_totals(client, of) for of in people), strict=True))
    return shown


def _gift(node: Mapping[str, Any]) -> tuple[str, Gift]:
    badge = node["badge"]["id"] if node["badge"] else ""
    return node["id"], Gift(
        giver=node["giver"]["id"],
        receivers=tuple(sorted(receiver["id"] for receiver in node["receivers"])),
        message=node["message"],
        private=node["visibility"] == "PRIVATE",
        value=node["value"] or "",
        badge=badge,
    )


def _badge(node: Mapping[str, Any]) -> ShownBadge:
    return ShownBadge(node["id"], node["name"], node["value"] or "", node["monthlyLimit"], node["viewerAwarded"])


async def _totals(client: Client, person: str) -> Totals:
    found = (await client.ask(STATEMENT, id=person, **{"from": _FROM, "to": _TO}))["reviewStatement"]
    return Totals(
        found["total"],
        found["thanks"],
        Counter({each["badge"]["id"]: each["count"] for each in found["badges"]}),
        Counter({each["value"]: each["count"] for each in found["values"]}),
    )
