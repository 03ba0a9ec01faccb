"""What somebody is shown, by its id, of what groups hide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from chaos.client import Client
from chaos.reading import ask_all

HIDDEN = """
query ($id: ID!) { node(id: $id) { __typename ... on Post { hidden } ... on Comment { hidden } } }
"""


@dataclass(slots=True)
class ShownHidden:
    """Which of what was asked for ``person`` is shown in ``region``, and whether that says that it is hidden."""

    region: str
    person: str
    shown: dict[str, bool] = field(default_factory=dict)


async def read_hidden(region: str, person: str, client: Client, contents: Iterable[str]) -> ShownHidden:
    """Ask for each of these posts and comments."""
    asked = list(contents)
    answers = await ask_all(client.ask(HIDDEN, id=content) for content in asked)
    found = ((content, answer.get("node")) for content, answer in zip(asked, answers, strict=True))
    return ShownHidden(region, person, {content: bool(node["hidden"]) for content, node in found if node is not None})
