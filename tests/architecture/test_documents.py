"""What the documents point at is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from gateway.settings import GatewaySettings
from ops.demo_content import PEOPLE
from services.chassis.auth.issuer import IssuerSettings
from services.chassis.settings import variable
from services.feed.settings import FeedSettings
from services.network.settings import NetworkSettings
from services.profile.settings import ProfileSettings
from services.recognition.settings import RecognitionSettings
from services.search.settings import SearchSettings

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_every_guarantee_names_tests_that_exist() -> None:
    cited = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", (ROOT / "docs" / "guarantees.md").read_text())

    assert len(cited) > 20
    for file, test in cited:
        assert re.search(rf"def {test}\b", (ROOT / file).read_text()), f"{file} has no {test}"


def test_every_code_that_a_client_may_see_is_documented_and_no_other() -> None:
    sources = [file for room in ("services", "gateway") for file in (ROOT / room).rglob("*.py")]
    told = {code for file in sources for code in _codes(ast.parse(file.read_text()))}
    errors = (ROOT / "docs" / "api.md").read_text().partition("| code | meaning |")[2]
    documented = set(re.findall(r"`([a-z_]+)`", errors))

    assert told - documented == set()
    assert documented - told == set()


def _codes(tree: ast.Module) -> Iterator[str]:
    """Yield the codes that a module gives to errors: by name, as a class's default, or to a function that refuses."""
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="code", value=value):
                yield from _texts(value)
            case ast.Assign(targets=[ast.Name(id="default_code")], value=value):
                yield from _texts(value)
            case ast.AnnAssign(target=ast.Name(id="default_code"), value=value):
                yield from _texts(value)
            case ast.Dict(keys=[ast.Constant(value="code")], values=[value]):
                yield from _texts(value)
            case ast.Call(func=ast.Name(id="_refused" | "_too_large"), args=[value, *_]):
                yield from _texts(value)


def _texts(value: ast.expr | None) -> Iterator[str]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from _texts(value.body)
        yield from _texts(value.orelse)


@pytest.mark.parametrize(
    "settings",
    [
        IssuerSettings,
        FeedSettings,
        NetworkSettings,
        ProfileSettings,
        RecognitionSettings,
        SearchSettings,
        GatewaySettings,
    ],
)
def test_every_setting_is_documented(settings: type[BaseSettings]) -> None:
    documented = set(re.findall(r"^\| `(SAMVERKA_[A-Z_]+)`", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE))
    assert {variable(field) for field in settings.model_fields} <= documented


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", document.read_text()):
        if not target.startswith("http"):
            assert (document.parent / target).exists(), target


def test_the_first_query_of_the_readme_is_asked_as_somebody_of_the_demo() -> None:
    (handle,) = re.findall(r"--as (\w+)", (ROOT / "README.md").read_text())
    assert handle in {person.handle for person in PEOPLE}
