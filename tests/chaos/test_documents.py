"""Every question that chaos asks is one that the gateway answers: a mistake in one would show at the end of a run."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import pytest

import chaos
from gateway.documents import Documents, check_cost
from gateway.schema import make_schema

PAGE = 100


def questions(module: ModuleType) -> Iterator[str]:
    for value in vars(module).values():
        if isinstance(value, str) and value.strip().startswith("query "):
            yield value


MODULES = [import_module(f"chaos.{each.name}") for each in iter_modules(chaos.__path__) if each.name != "__main__"]
QUESTIONS = sorted({document for module in MODULES for document in questions(module)})


def test_every_question_fits_the_schema_and_costs_no_more_than_it_may() -> None:
    documents = Documents(make_schema()._schema)

    for question in QUESTIONS:
        check_cost(documents.read(question).operation(None), {"first": PAGE})


@pytest.mark.parametrize("path", ["search", "groupFeed", "homeFeed", "erasure", "experts", "node"])
def test_no_question_is_left_out(path: str) -> None:
    assert any(f"{path}(" in question for question in QUESTIONS)
