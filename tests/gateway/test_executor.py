"""Compiled code and graphql-core agree, on random documents over a schema that has everything, and it really runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import strawberry
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strawberry.extensions import ParserCache, SchemaExtension, ValidationCache

from gateway.executor import CompiledExecutor, Plans, executor_class
from tests.gateway.trees import BAD, Leaf, Row, Tree, TreeRow, config, leaf_row, outcome, selections, tree_row


@strawberry.type
class Query:
    @strawberry.field
    async def tree(self, info: strawberry.Info[Any, None]) -> Tree:
        tree: Tree = info.context
        return tree

    @strawberry.field
    def maybe_tree(self, info: strawberry.Info[Any, None]) -> Tree | None:
        tree: Tree = info.context
        return tree

    @strawberry.field
    def forest(self, info: strawberry.Info[Any, None]) -> list[Tree | None]:
        tree: Tree = info.context
        return [tree, tree]


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def trees(self, info: strawberry.Info[Any, None]) -> AsyncIterator[Tree]:
        for _ in range(3):
            yield info.context


def make(executor: type[CompiledExecutor] | None = None, **options: Any) -> strawberry.Schema:
    extensions = options.pop("extensions", [ParserCache, ValidationCache])
    schema = strawberry.Schema(
        Query,
        subscription=Subscription,
        types=[Leaf, Tree],
        execution_context_class=executor,
        config=config(),
        extensions=extensions,
        **options,
    )
    schema.process_errors = lambda *_: None  # type: ignore[method-assign]
    return schema


# One pair of schemas for all examples: plans made for one document have to stay right through all others.
PLANS = Plans(plans_max=64)
GENERIC = make()
COMPILED = make(executor_class(PLANS))


async def agree(query: str, row: Any, variables: dict[str, Any] | None = None) -> Any:
    """Execute both ways, the compiled one twice, and return what all agree on."""
    expected = outcome(await GENERIC.execute(query, variables, context_value=row))
    for _ in range(2):
        assert outcome(await COMPILED.execute(query, variables, context_value=row)) == expected
    return expected


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(
    root=st.sampled_from(["tree", "maybeTree", "forest"]),
    selected=selections(),
    shared=selections(depth=1),
    bad=st.sampled_from(BAD),
    missing=st.sampled_from(["", "", "", "text", "number", "leaf", "moment"]),
    yes=st.booleans(),
)
def test_random_documents_have_the_same_data_and_errors_both_ways(
    root: str, selected: str, shared: str, bad: dict[str, Any], missing: str, yes: bool
) -> None:
    shared = shared.replace("...Shared", "__typename ")
    query = f"""query($yes: Boolean! = {str(yes).lower()}, $no: Boolean! = false) {{
        used: {root} {{ ...Shared text @include(if: $yes) @skip(if: $no) }}
        {root} {selected}
    }} fragment Shared on Tree {shared}"""

    def fresh() -> TreeRow:
        row = tree_row(**bad)
        if missing:
            row.__dict__.pop(missing)
        return row

    async def compare() -> None:
        expected = outcome(await GENERIC.execute(query, context_value=fresh()))
        for variables in (None, {"yes": not yes}, {"yes": yes}):
            again = outcome(await GENERIC.execute(query, variables, context_value=fresh()))
            assert outcome(await COMPILED.execute(query, variables, context_value=fresh())) == again
        assert outcome(await COMPILED.execute(query, context_value=fresh())) == expected

    asyncio.run(compare())


def test_the_random_documents_were_compiled_and_some_given_up() -> None:
    """Runs after the comparison above, with its plans; on its own it makes what it looks at."""
    row = tree_row(text=None)

    async def run() -> None:
        await COMPILED.execute("{ maybeTree { number flag } }", context_value=row)
        await COMPILED.execute("{ maybeTree { text } }", context_value=row)

    asyncio.run(run())
    assert PLANS.objects_compiled > 0
    assert PLANS.objects_given_up > 0


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
async def test_every_bad_value_is_told_alike(bad: dict[str, Any]) -> None:
    query = """{ tree { text number maybeNumber ratio flag key colour moment texts maybeTexts grid leaf { text number }
        maybeLeaf { text moment } leaves { text } maybeLeaves { text moment } trees { text shout } named { text }
        either { ... on Leaf { text } } plain { __typename } plains { __typename } p: plain { anything }
        q: plains { text anything } } }"""
    for field in bad:
        if bad[field].__class__.__name__ == "tuple_iterator":
            return  # used up by the first of the two ways
    await agree(query, tree_row(**bad))


class Counting(CompiledExecutor):
    """Counts the objects that graphql-core executes."""

    generic = 0

    def execute_field(self, *args: Any) -> Any:
        type(self).generic += 1
        return super().execute_field(*args)


def counting() -> tuple[strawberry.Schema, type[Counting], Plans]:
    plans = Plans()
    executor = type("Counted", (Counting,), {"plans": plans, "generic": 0})
    return make(executor), executor, plans


async def test_a_plain_page_costs_graphql_core_only_its_root() -> None:
    schema, executor, plans = counting()
    query = "{ tree { text shout leaves { text number colour } trees { text leaf { text } trees { number } } } }"
    assert not (await schema.execute(query, context_value=tree_row())).errors
    assert (executor.generic, plans.objects_compiled, plans.objects_given_up) == (1, 1, 0)


async def test_only_what_is_not_plain_is_left_to_graphql_core_and_the_order_is_kept() -> None:
    schema, executor, plans = counting()
    query = "{ tree { text slow number scaled(by: 5) flag } }"
    result = await schema.execute(query, context_value=tree_row())
    assert list((result.data or {})["tree"].items()) == [
        ("text", "tree"),
        ("slow", "slow tree"),
        ("number", 7),
        ("scaled", 35),
        ("flag", True),
    ]
    assert (executor.generic, plans.objects_compiled) == (3, 1)


async def test_one_bad_object_is_executed_anew_and_the_others_are_not() -> None:
    schema, _, plans = counting()
    row = tree_row(maybe_leaves=[leaf_row(), leaf_row(moment=-1), leaf_row()])
    result = await schema.execute("{ tree { maybeLeaves { text moment } } }", context_value=row)
    assert [error.path for error in result.errors or ()] == [["tree", "maybeLeaves", 1, "moment"]]
    # The tree and the bad leaf are given up; the two good leaves are compiled.
    assert (plans.objects_given_up, plans.objects_compiled) == (2, 2)


async def test_a_plan_follows_the_variables_in_skip_and_include() -> None:
    schema, executor, _ = counting()
    query = "query($a: Boolean!) { tree { leaf { text @include(if: $a) number @skip(if: $a) } } }"
    for a, expected in ((True, {"text": "leaf"}), (False, {"number": 1}), (True, {"text": "leaf"})):
        result = await schema.execute(query, {"a": a}, context_value=tree_row())
        assert result.data == {"tree": {"leaf": expected}}
    assert executor.generic == 3


async def test_documents_that_differ_only_in_a_fragment_do_not_share_a_plan() -> None:
    schema, _, _ = counting()
    for field, value in (("text", "leaf"), ("number", 1), ("text", "leaf")):
        query = f"{{ tree {{ leaf {{ ...F }} }} }} fragment F on Leaf {{ {field} }}"
        result = await schema.execute(query, context_value=tree_row())
        assert result.data == {"tree": {"leaf": {field: value}}}


async def test_plans_are_bounded_and_forgotten_ones_are_made_again() -> None:
    plans = Plans(plans_max=4)
    schema = make(executor_class(plans), extensions=[lambda: ParserCache(maxsize=2)])
    for round_ in range(2):
        for number in range(12):
            result = await schema.execute(f"{{ tree {{ a{number}: text }} }}", context_value=tree_row())
            assert result.data == {"tree": {f"a{number}": "tree"}}, round_
    assert len(plans) <= 4
    assert plans.objects_compiled == 24


async def test_a_variable_too_many_for_plans_is_left_to_graphql_core() -> None:
    schema, _, plans = counting()
    names = [f"v{number}" for number in range(6)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    selected = " ".join(f"a{name}: text @include(if: ${name})" for name in names)
    query = f"query({declared}) {{ tree {{ leaf {{ number {selected} }} }} }}"
    for setting in range(64):
        variables = {name: bool(setting >> bit & 1) for bit, name in enumerate(names)}
        result = await schema.execute(query, variables, context_value=tree_row())
        expected = {"number": 1} | {f"a{name}": "leaf" for name in names if variables[name]}
        assert result.data == {"tree": {"leaf": expected}}
    assert plans.objects_compiled >= 16


async def test_a_middleware_sees_every_field() -> None:
    seen: list[str] = []

    class Watching(SchemaExtension):
        def resolve(self, _next: Any, root: Any, info: Any, *args: str, **kwargs: Any) -> Any:
            seen.append(info.field_name)
            return _next(root, info, *args, **kwargs)

    plans = Plans()
    schema = make(executor_class(plans), extensions=[Watching])
    await schema.execute("{ tree { text leaf { number } } }", context_value=tree_row())
    assert seen == ["tree", "text", "leaf", "number"]
    assert plans.objects_compiled == 0


async def test_events_of_a_subscription_are_compiled() -> None:
    schema, _, plans = counting()
    events = await schema.subscribe("subscription { trees { text leaf { number } } }", context_value=tree_row())
    found = [event.data async for event in events]
    assert found == [{"trees": {"text": "tree", "leaf": {"number": 1}}}] * 3
    assert plans.objects_compiled == 3


async def test_awaitables_among_the_attributes_are_awaited() -> None:
    async def later(value: Any) -> Any:
        return value

    class Lazy:
        """Awaitable again and again, so that both ways can."""

        def __init__(self, value: Any) -> None:
            self.value = value

        def __await__(self) -> Any:
            return later(self.value).__await__()

    row = tree_row(
        text=Lazy("later"),
        leaf=Lazy(leaf_row()),
        leaves=[Lazy(leaf_row("x")), leaf_row()],
        moment=Lazy(3),
        plain=Row(text="x", anything=Lazy("thing")),
        plains=[Lazy(Row(text="later"))],
    )
    found = await agree(
        "{ tree { text moment leaf { text } leaves { text } plain { anything } plains { __typename } } }", row
    )
    assert found[0]["tree"]["plain"] == {"anything": "thing"}
    assert found[0]["tree"]["leaves"] == [{"text": "x"}, {"text": "leaf"}]


async def test_code_in_a_document_stays_text() -> None:
    """Response keys are the only text of a client that comes near the compiled source."""
    found = await agree("{ tree { __import__: text result: number source: flag } }", tree_row())
    assert found[0]["tree"] == {"__import__": "tree", "result": 7, "source": True}


async def test_a_document_deeper_than_pythons_compiler_goes_is_still_answered() -> None:
    query = "{ tree " + "{ trees " * 60 + "{ text }" + " }" * 60 + " }"
    row = tree_row(0)
    for _ in range(60):
        row = tree_row(0, trees=[row])
    await agree(query, row)
