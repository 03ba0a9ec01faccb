"""What a region's search finds for somebody by each word, how much it tells of, and what it suggests as they type."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from chaos.client import Client
from chaos.reading import ask_all

SEARCH = """
query ($word: String!) { search(query: $word, first: 100) { totalCount edges { node { id } } } }
"""
COMPLETE = "query ($word: String!) { complete(prefix: $word, first: 20) { id } }"


@dataclass(slots=True)
class ShownFound:
    """What ``person`` finds in ``region``: ids by word, in the order of the answer; ``counts`` is what the answer says."""

    region: str
    person: str
    found: dict[str, list[str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    suggested: dict[str, list[str]] = field(default_factory=dict)


async def read_found(
    region: str, person: str, client: Client, words: Collection[str], typed: Collection[str]
) -> ShownFound:
    """Look for every word, and for what each one that is ``typed`` may become."""
    shown = ShownFound(region, person)

    async def search(word: str) -> None:
        answer = (await client.ask(SEARCH, word=word))["search"]
        shown.found[word] = [edge["node"]["id"] for edge in answer["edges"]]
        shown.counts[word] = answer["totalCount"]

    async def complete(word: str) -> None:
        answer = (await client.ask(COMPLETE, word=word))["complete"]
        shown.suggested[word] = [suggestion["id"] or "" for suggestion in answer]

    await ask_all([*(search(word) for word in words), *(complete(word) for word in typed)])
    return shown
