"""Facts about adding a region to a description and taking one out."""

from __future__ import annotations

import pytest

from ops.failure import Failure
from ops.network.description import DescriptionFault, parse_network
from ops.network.editing import new_text, with_region, without_region

WRITTEN = """\
# ours
name = "acme"   # of Sweden

[[regions]]
name = "stockholm"
leaf = "stockholm:7422"  # behind the firewall
# a word about tokyo

[[regions]]
name = "tokyo"
leaf = "tokyo:7422"
# the last word
"""
INLINE = """\
name = "acme"
links = [ # few
  ["a", "b"],
]
regions = [{name = "a", leaf = "a:1"}, {name = "b", leaf = "b:1"}]
"""


def test_a_region_is_added_at_the_end_and_all_else_stays() -> None:
    text = with_region(WRITTEN, "austin", {"leaf": "austin:7422"})
    assert text == WRITTEN + '\n[[regions]]\nname = "austin"\nleaf = "austin:7422"\n'


def test_what_was_added_is_taken_out_again() -> None:
    text = without_region(with_region(WRITTEN, "austin", {"leaf": "austin:7422"}), "austin")
    assert text.strip() == WRITTEN.strip()


def test_taking_a_region_out_keeps_the_comments_elsewhere() -> None:
    text = without_region(WRITTEN, "tokyo")
    assert [region.name for region in parse_network(text).regions] == ["stockholm"]
    assert "# ours" in text
    assert "# of Sweden" in text
    assert "# behind the firewall" in text


def test_a_description_is_begun() -> None:
    text = with_region(new_text('the "acme"'), "stockholm", {"leaf": "stockholm:7422"})
    text = with_region(text, "tokyo", {"leaf": "tokyo:7422", "leaf_listen": "10.0.0.7:7422"})
    network = parse_network(text)
    assert network.name == 'the "acme"'
    assert [region.leaf_listen for region in network.regions] == ["0.0.0.0:7422", "10.0.0.7:7422"]


def test_links_that_are_listed_come_and_go_with_their_region() -> None:
    text = with_region(INLINE, "c", {"leaf": "c:1"}, links=["a", "b"])
    assert [str(link) for link in parse_network(text).links] == ["a – b", "a – c", "b – c"]
    assert "# few" in text
    text = without_region(text, "a")
    assert [str(link) for link in parse_network(text).links] == ["b – c"]


def test_whom_a_region_shares_with_is_said_exactly_if_links_are_listed() -> None:
    with pytest.raises(Failure, match="say whom c shares with"):
        with_region(INLINE, "c", {"leaf": "c:1"})
    with pytest.raises(Failure, match="everybody shares with everybody"):
        with_region(WRITTEN, "austin", {"leaf": "austin:1"}, links=["tokyo"])


def test_an_edit_that_would_be_wrong_is_refused() -> None:
    with pytest.raises(DescriptionFault, match="tokyo is there twice"):
        with_region(WRITTEN, "tokyo", {"leaf": "elsewhere:7422"})
    with pytest.raises(DescriptionFault, match="no region d"):
        with_region(INLINE, "c", {"leaf": "c:1"}, links=["d"])
    with pytest.raises(Failure, match="has no region oslo"):
        without_region(WRITTEN, "oslo")
    with pytest.raises(Failure, match="last region"):
        without_region(without_region(WRITTEN, "tokyo"), "stockholm")
