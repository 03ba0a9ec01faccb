"""A topic is a word with # before it."""

from __future__ import annotations

import pytest

from services.search.domain.topics import TOPICS_MAX, topics_of


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("#VPN is down, see #on-call and #vpn", ["vpn", "on-call"]),
        ("# A heading\n#2 issue#not C#", ["2"]),
        ("#åland", ["åland"]),
        ("http://a.b/#anchor", []),
    ],
)
def test_topics_stand_alone(text: str, topics: list[str]) -> None:
    assert topics_of(text) == topics


def test_there_are_only_so_many() -> None:
    assert len(topics_of(" ".join(f"#t{number}" for number in range(100)))) == TOPICS_MAX
