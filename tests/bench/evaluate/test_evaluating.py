"""An evaluation of data of its own, in the form of the real ones, through the service: what it tells is known beforehand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import pytest

from bench.evaluate.__main__ import COMPANY, evaluate
from bench.evaluate.serving import as_query
from services.search.domain.query import TERMS_MAX, parse_query

DOCUMENTS = """.I 1
.T
wings of heat
.A
somebody
.W
wings of heat
.I 2
.T
rockets
.W
rockets and wings
.I 3
.T
cheese
.W
cheese and wine
"""
QUERIES = ".I 017\n.W\nwings, or heat\n.I 023\n.W\nwine\n"
USERS = '<users><row Id="1" DisplayName="Anna" CreationDate="2020-01-01T00:00:00" AboutMe="hops"/></users>'
POSTS = """<posts>
<row Id="1" PostTypeId="1" OwnerUserId="1" Title="How is ale brewed?" Body="&lt;p&gt;So?&lt;/p&gt;" Score="1"
    CreationDate="2020-01-02T00:00:00"/>
<row Id="2" PostTypeId="2" ParentId="1" Body="Ale is &amp;amp; was brewed" Score="2" CreationDate="2020-01-03T00:00:00"/>
<row Id="3" PostTypeId="2" ParentId="1" Body="No idea" Score="0" CreationDate="2020-01-04T00:00:00"/>
</posts>"""
VOTES = '<votes><row Id="1" PostId="2" VoteTypeId="2" CreationDate="2020-01-05T00:00:00"/></votes>'


def written(folder: Path, files: Mapping[str, str]) -> None:
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)


async def test_cranfields_queries_are_judged_by_their_place_and_its_best_grade_is_one(tmp_path: Path) -> None:
    judged = "1 2 1\n1 1 4\n2 3 -1\n"
    folder = tmp_path / "relevance" / "cranfield"
    written(folder, {"cran.all.1400": DOCUMENTS, "cran.qry": QUERIES, "cranqrel": judged})

    graded, precision = await evaluate(tmp_path, ["cranfield"], tmp_path / "work")

    # The first query needs both of its words, and so finds document 1, the worse one, alone; the second finds all there is.
    assert graded.name == "cranfield: nDCG@10, 2 queries"
    assert graded.value == pytest.approx((1 / (4 + 1 / math.log2(3)) + 1) / 2)
    assert precision.value == pytest.approx((1 / 2 + 1) / 2)


async def test_the_answers_of_a_community_are_found_by_the_titles_of_their_questions(tmp_path: Path) -> None:
    written(tmp_path / "stackexchange" / "beer", {"Posts.xml": POSTS, "Votes.xml": VOTES, "Users.xml": USERS})

    found, precision = await evaluate(tmp_path, ["beer"], tmp_path / "work")

    assert found.name == "beer, answers by title: nDCG@10, 1 queries"
    assert found.value == pytest.approx(1 / (1 + 1 / math.log2(3)))  # one of two, in the first place
    assert precision.value == 0.5


LATER_USERS = """<users>
<row Id="1" DisplayName="Anna" CreationDate="2020-01-01T00:00:00"/>
<row Id="2" DisplayName="Bo" CreationDate="2020-01-01T00:00:00"/>
<row Id="3" DisplayName="Cy" CreationDate="2020-01-01T00:00:00"/>
</users>"""
# Bo answers on ale and Anna, twice, on wine; then somebody asks about ale, and Bo answers, and so does Cy, whom nobody knew.
LATER_POSTS = """<posts>
<row Id="1" PostTypeId="1" OwnerUserId="3" Title="How is ale brewed?" Body="?" Score="1" CreationDate="2020-01-02T00:00:00"/>
<row Id="2" PostTypeId="2" ParentId="1" OwnerUserId="2" Body="So." Score="2" CreationDate="2020-01-03T00:00:00"/>
<row Id="3" PostTypeId="1" OwnerUserId="3" Title="What is wine?" Body="?" Score="1" CreationDate="2020-01-04T00:00:00"/>
<row Id="4" PostTypeId="2" ParentId="3" OwnerUserId="1" Body="Red." Score="2" CreationDate="2020-01-05T00:00:00"/>
<row Id="5" PostTypeId="1" OwnerUserId="3" Title="Which wine?" Body="?" Score="1" CreationDate="2020-01-06T00:00:00"/>
<row Id="6" PostTypeId="2" ParentId="5" OwnerUserId="1" Body="White." Score="2" CreationDate="2020-01-07T00:00:00"/>
<row Id="7" PostTypeId="1" OwnerUserId="3" Title="Where to buy ale?" Body="?" Score="1" CreationDate="2020-02-01T00:00:00"/>
<row Id="8" PostTypeId="2" ParentId="7" OwnerUserId="2" Body="There." Score="1" CreationDate="2020-02-02T00:00:00"/>
<row Id="9" PostTypeId="2" ParentId="7" OwnerUserId="3" Body="Here." Score="9" CreationDate="2020-02-03T00:00:00"/>
</posts>"""
LATER_VOTES = '<votes><row Id="1" PostId="4" VoteTypeId="2" CreationDate="2020-01-08T00:00:00"/></votes>'


async def test_who_answers_later_is_found_by_what_is_asked_and_not_by_counts(tmp_path: Path) -> None:
    files = {"Posts.xml": LATER_POSTS, "Votes.xml": LATER_VOTES, "Users.xml": LATER_USERS}
    for name in COMPANY:
        written(tmp_path / "stackexchange" / name, files)

    found, *simple = await evaluate(tmp_path, ["french-meta-experts"], tmp_path / "work")
    assert (found.name, found.value) == ("french-meta, experts: nDCG@10, 1 questions", 1.0)
    assert [figure.value for figure in simple] == pytest.approx([1 / math.log2(3), 0.0, 0.0])

    # Of three offices that say the same, it is somebody of each office; one of three is right.
    company, *_ = await evaluate(tmp_path, ["company-experts"], tmp_path / "work")
    assert company.name == "all three, experts: nDCG@10, 3 questions"
    assert 1 / math.log2(4) <= company.value <= 1.0


def test_a_sentence_is_asked_without_the_syntax_of_queries() -> None:
    text = 'Is "this" -not from:anna, e-mail? (no)'
    assert as_query(text, room=20) == "Is this not from anna e-mail no"
    assert as_query("?!", room=20) == ""
    long = as_query("word " * 40, room=20)
    assert len(long.split()) == TERMS_MAX - 1
    parse_query(f"{long} kind:answer")
    parse_query(f"{as_query('wordwordwordwordword ' * 40, room=12)} kind:answer")
