"""What is compiled for messages of a class shows what graphql-core would, for random messages and selections of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import strawberry
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from graphql import GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLOutputType, is_leaf_type, parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strawberry.schema.config import StrawberryConfig

from gateway.executor import Plans, executor_class
from gateway.messages import MessageWriter
from gateway.schema import GatewaySchema
from gateway.schema.comments import Comment
from gateway.schema.feed import Post, PostConnection
from gateway.schema.groups import GroupConnection
from gateway.schema.network import Network
from gateway.schema.profile import Person
from gateway.schema.scalars import scalar_map
from samverka.feed.v1 import feed_service_pb2, feed_views_pb2
from samverka.network.v1 import network_views_pb2
from samverka.profile.v1 import profile_views_pb2
from tests.gateway.trees import outcome

DEPTH_MAX = 5
Info = strawberry.Info[Any, None]
FIELDS: dict[str, Any] = {
    "posts": feed_views_pb2.PostConnection,
    "groups": feed_views_pb2.GroupConnection,
    "network": network_views_pb2.Network,
    "person": profile_views_pb2.Person,
    "comment": feed_views_pb2.Comment,
    "post": feed_views_pb2.Post,
}


@strawberry.type
class Query:
    @strawberry.field
    async def posts(self, info: Info) -> PostConnection | None:
        return info.context  # type: ignore[no-any-return]

    @strawberry.field
    async def groups(self, info: Info) -> GroupConnection:
        return info.context  # type: ignore[no-any-return]

    @strawberry.field
    async def network(self, info: Info) -> Network:
        return info.context  # type: ignore[no-any-return]

    @strawberry.field
    async def person(self, info: Info) -> Person | None:
        return info.context  # type: ignore[no-any-return]

    @strawberry.field
    async def comment(self, info: Info) -> Comment:
        return info.context  # type: ignore[no-any-return]

    @strawberry.field
    async def post(self, info: Info) -> Post | None:
        return info.context  # type: ignore[no-any-return]


def make(*, compiled: bool) -> GatewaySchema:
    schema = GatewaySchema(
        query=Query,
        executor=executor_class(Plans()) if compiled else None,
        config=StrawberryConfig(scalar_map=scalar_map()),
    )
    schema.process_errors = lambda *_: None  # type: ignore[method-assign]
    return schema


GENERIC = make(compiled=False)
STRAIGHT = make(compiled=True)
INTEGERS = st.integers(0, 5) | st.sampled_from([2**31 - 1, 2**31, 2**32 - 1])


@st.composite
def messages(draw: st.DrawFn, descriptor: Descriptor, depth: int = 0) -> Message:
    """Draw a message of a class, with whatever its fields can hold; not all that they hold can be shown."""
    message: Message = GetMessageClass(descriptor)()
    for field in descriptor.fields:
        for _ in range(draw(st.integers(0, 2)) if field.is_repeated else draw(st.integers(0, 1))):
            if field.message_type is None:
                value = draw(value_of(field))
                if field.is_repeated:
                    getattr(message, field.name).append(value)
                else:
                    setattr(message, field.name, value)
            elif depth < DEPTH_MAX and not field.message_type.GetOptions().map_entry:
                inner = draw(messages(field.message_type, depth + 1))
                place = getattr(message, field.name)
                (place.add() if field.is_repeated else place).CopyFrom(inner)
    return message


def value_of(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    if field.enum_type is not None:
        return st.sampled_from([value.number for value in field.enum_type.values])
    if field.type == FieldDescriptor.TYPE_STRING:
        return st.text("ab *😀", max_size=5)
    if field.type == FieldDescriptor.TYPE_BOOL:
        return st.booleans()
    if field.type in (FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_SINT32):
        return st.integers(-(2**31), 2**31 - 1)
    return INTEGERS


@st.composite
def selections(draw: st.DrawFn, type_: GraphQLOutputType, depth: int = 0) -> str:
    """Draw a selection of a type's fields that take no arguments and are no resolvers; empty for a leaf."""
    while isinstance(type_, GraphQLNonNull | GraphQLList):
        type_ = type_.of_type
    if is_leaf_type(type_):
        return ""
    if not isinstance(type_, GraphQLObjectType) or depth > DEPTH_MAX:
        return "{ __typename }"
    names = [name for name, field in type_.fields.items() if not field.args]
    chosen = draw(st.lists(st.sampled_from([*names, "__typename"]), min_size=1, max_size=6, unique=True))
    parts = [
        name if name == "__typename" else f"{name} {draw(selections(type_.fields[name].type, depth + 1))}"
        for name in chosen
    ]
    return "{ " + " ".join(parts) + " }"


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data(), root=st.sampled_from(sorted(FIELDS)))
def test_random_messages_are_shown_as_graphql_core_shows_them(data: st.DataObject, root: str) -> None:
    message = data.draw(messages(FIELDS[root].DESCRIPTOR))
    query = GENERIC._schema.query_type
    assert query is not None
    selected = data.draw(selections(query.fields[root].type))
    document = parse(f"{{ it: {root} {selected} }}")

    async def both() -> None:
        expected = outcome(await run(GENERIC, document, message))
        # Twice, for the first time is the one that compiles.
        for _ in range(2):
            assert outcome(await run(STRAIGHT, document, message)) == expected

    asyncio.run(both())


async def run(schema: GatewaySchema, document: Any, context: object) -> Any:
    return await schema.run(document, operation=None, variables={}, context=context)  # type: ignore[arg-type]


def page() -> feed_views_pb2.PostConnection:
    made = feed_service_pb2.ListHomeFeedResponse().posts
    for number in range(3):
        post = made.edges.add(cursor=f"E:{number}").node
        post.id, post.body, post.author.handle, post.comment_count = f"id-{number}", "Hello", "ann", number
        post.reactions.add(emoji="👍", count=number, viewer_reacted=True)
    return made


async def test_what_a_descriptor_promises_is_read_without_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    load = MessageWriter.load

    def noted(self: MessageWriter, name: str) -> Any:
        written.append("\n".join(self._lines))
        return load(self, name)

    monkeypatch.setattr(MessageWriter, "load", noted)
    document = parse(
        """{ posts { edges { cursor node { id body topics author { handle } reactions { emoji viewerReacted } } } } }"""
    )
    result = await run(STRAIGHT, document, page())
    assert result.data["posts"]["edges"][2]["node"]["reactions"] == [{"emoji": "👍", "viewerReacted": True}]
    (code,) = written
    assert code.count("def ") == 1
    assert "__class__" not in code


async def test_a_count_too_large_for_an_int_is_told_as_ever() -> None:
    document, large = parse("{ posts { edges { node { commentCount } } } }"), page()
    large.edges[1].node.comment_count = 2**31
    result = await run(STRAIGHT, document, large)
    assert [error.path for error in result.errors] == [["posts", "edges", 1, "node", "commentCount"]]
    assert (await run(STRAIGHT, document, page())).data["posts"]["edges"][1] == {"node": {"commentCount": 1}}


async def test_whatever_is_no_message_of_that_class_is_looked_at() -> None:
    class Stray:
        edges = ()
        page_info = feed_views_pb2.PageInfo(has_next_page=True)

    document = parse("{ posts { edges { cursor } pageInfo { hasNextPage } } }")
    for source, count in ((page(), 3), (Stray(), 0), (page(), 3), (feed_views_pb2.PostConnection(), 0)):
        result = await run(STRAIGHT, document, source)
        assert len(result.data["posts"]["edges"]) == count
        assert result.data["posts"]["pageInfo"] == {"hasNextPage": isinstance(source, Stray)}
    assert (await run(STRAIGHT, document, None)).data == {"posts": None}


@strawberry.type
class Misfit:
    """What no message is: another shape under each of its names."""

    cursor: list[str]
    node: str


@strawberry.type
class Misfitting:
    @strawberry.field
    async def misfit(self, info: Info) -> Misfit | None:
        return info.context  # type: ignore[no-any-return]


@pytest.mark.parametrize("selected", ["cursor", "node", "__typename cursor node"])
async def test_a_type_that_does_not_fit_its_message_is_told_as_ever(selected: str) -> None:
    edge = page().edges[0]
    outcomes = []
    for executor in (None, executor_class(Plans())):
        schema = GatewaySchema(query=Misfitting, executor=executor)
        schema.process_errors = lambda *_: None  # type: ignore[method-assign]
        outcomes.append(outcome(await run(schema, parse(f"{{ misfit {{ {selected} }} }}"), edge)))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][2] or selected == "node"  # anything has a text
