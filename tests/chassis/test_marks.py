"""What a text names, as Markdown shows it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.marks import MENTIONS_MAX, TOPICS_MAX, parse_topic, read_marks

HERE = "stockholm"


def topics(text: str) -> list[str]:
    return list(read_marks(text, region=HERE).topics)


def mentions(text: str) -> list[str]:
    return [f"{handle}@{region}" for region, handle in read_marks(text, region=HERE).mentions]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#chess", ["chess"]),
        ("About #Chess, #chess and (#go).", ["chess", "go"]),
        ("#c++ #c# #.net #node.js #a-b #a_b", ["c++", "c#", ".net", "node.js", "a-b", "a_b"]),
        ("#schack-på-svenska #日本", ["schack-på-svenska", "日本"]),
        ("The end is #near.", ["near"]),
        ("- one #two\n> three #four", ["two", "four"]),
        ("| a |\n|---|\n| #cell |", ["cell"]),
        ("*#emphasis* ~~#struck~~", ["emphasis", "struck"]),
        ("# Heading\n\n#topic\n\n## Another #one", ["topic", "one"]),
        ("#1 #42 # #- #... a#b ##c &#35; /#d", []),
        ("`#code` ``#code``", []),
        ("```\n#code\n```\n\n    #code", []),
        ("[#label](https://example.test/#there) <https://example.test/#there>", []),
        ("![#alt](x.png)", []),
        (r"\#escaped", []),
        ("#" + "x" * 51, []),
        ("#" + "x" * 50, ["x" * 50]),
    ],
)
def test_topics(text: str, expected: list[str]) -> None:
    assert topics(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@anna", ["anna@stockholm"]),
        ("@Anna, (@bengt) and @carla@Tokyo!", ["anna@stockholm", "bengt@stockholm", "carla@tokyo"]),
        ("@anna.b_c-d. @anna", ["anna.b_c-d@stockholm", "anna@stockholm"]),
        ("@anna@tokyo-2.", ["anna@tokyo-2"]),
        ("*@anna* @anna @anna", ["anna@stockholm"]),
        ("anna@example.test @ @a @- x@anna @annaé @@anna @anna@ @anna@tokyo@lima", []),
        ("`@anna` [@anna](https://example.test/@anna) <https://example.test/@anna>", []),
        ("```\n@anna\n```", []),
        (r"\@anna", []),
        ("@" + "x" * 33, []),
    ],
)
def test_mentions(text: str, expected: list[str]) -> None:
    assert mentions(text) == expected


def test_what_a_text_names_is_bounded() -> None:
    assert len(topics(" ".join(f"#topic{n}" for n in range(100)))) == TOPICS_MAX
    assert len(mentions(" ".join(f"@person{n}" for n in range(100)))) == MENTIONS_MAX
    assert topics("#topic" + " " * 20_000) == []


@given(st.lists(st.sampled_from(["#a", "@b", "`", "*", "_", "[", "](", ")", "\\", " ", "\n", "> ", "|", "é", "\0"])))
def test_any_text_is_read(parts: list[str]) -> None:
    marks = read_marks("".join(parts), region=HERE)

    assert all(topic == parse_topic(topic) for topic in marks.topics)
