"""What the documents point at is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ops.demo_content import PEOPLE

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_every_guarantee_names_tests_that_exist() -> None:
    cited = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", (ROOT / "docs" / "guarantees.md").read_text())

    assert len(cited) > 20
    for file, test in cited:
        assert re.search(rf"def {test}\b", (ROOT / file).read_text()), f"{file} has no {test}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", document.read_text()):
        if not target.startswith("http"):
            assert (document.parent / target).exists(), target


def test_the_first_query_of_the_readme_is_asked_as_somebody_of_the_demo() -> None:
    (handle,) = re.findall(r"--as (\w+)", (ROOT / "README.md").read_text())
    assert handle in {person.handle for person in PEOPLE}
