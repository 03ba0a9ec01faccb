"""The GraphQL schema that frontends rely on; ``gateway/schema.graphql`` is its printed form, kept true by a test.

Names here are a promise: a field may be added, but not renamed or removed. ``python -m gateway.schema`` prints it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeGuard, cast

import strawberry
from graphql import DocumentNode, ExecutionResult, GraphQLError, execute
from strawberry.execution import optimized_is_awaitable
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from gateway.context import Context
from gateway.errors import shape
from gateway.executor import CompiledExecutor
from gateway.schema.comments import Comment
from gateway.schema.experts import ExpertQuery
from gateway.schema.feed import FeedQuery, FeedSubscription, Post
from gateway.schema.groups import Group, GroupMutation, GroupQuery
from gateway.schema.members import MemberMutation, MemberQuery
from gateway.schema.moderation import ModerationMutation
from gateway.schema.network import NetworkMutation, NetworkQuery, NetworkSubscription
from gateway.schema.pages import Info, Node, as_type, by_id, field
from gateway.schema.posting import FeedMutation
from gateway.schema.profile import Person, ProfileMutation, ProfileQuery
from gateway.schema.questions import QuestionMutation, QuestionQuery
from gateway.schema.recognising import RecognitionMutation
from gateway.schema.recognition import Badge, Recognition, RecognitionQuery, RecognitionSubscription
from gateway.schema.scalars import scalar_map
from gateway.schema.search import SearchQuery
from gateway.schema.watching import WatchSubscription
from gateway.straight import StraightWay
from services.chassis.errors import NotFound


@strawberry.type
class Query(
    ProfileQuery,
    FeedQuery,
    NetworkQuery,
    GroupQuery,
    MemberQuery,
    RecognitionQuery,
    SearchQuery,
    QuestionQuery,
    ExpertQuery,
):
    @field("The post, the comment, the person, the group, the recognition or the badge with that id.")
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:
        # An id names its region, not its kind, so all are asked, at the same time.
        context = info.context
        found = await asyncio.gather(
            context.backend.feed.post(context.talk, post_id=id),
            context.backend.feed.comment(context.talk, comment_id=id),
            context.backend.profile.person(context.talk, person_id=id),
            context.group(id),
            context.backend.recognition.recognition(context.talk, recognition_id=id),
            context.backend.recognition.badge(context.talk, badge_id=id),
            return_exceptions=True,
        )
        shown = [message for message in found if not isinstance(message, BaseException)]
        if shown:
            return as_type(Node, shown[0])
        errors = [error for error in found if isinstance(error, BaseException)]
        with by_id():
            raise next((error for error in errors if not isinstance(error, NotFound)), errors[0])


@strawberry.type
class Mutation(
    ProfileMutation,
    FeedMutation,
    NetworkMutation,
    GroupMutation,
    MemberMutation,
    ModerationMutation,
    RecognitionMutation,
    QuestionMutation,
):
    pass


@strawberry.type
class Subscription(FeedSubscription, NetworkSubscription, RecognitionSubscription, WatchSubscription):
    pass


class GatewaySchema(strawberry.Schema):
    """The schema, with the gateway's way to tell errors, and the straight way through what is compiled."""

    def __init__(self, *, executor: type[CompiledExecutor] | None, **options: Any) -> None:
        super().__init__(**options, execution_context_class=executor)
        self.straight: StraightWay | None = None
        if executor is not None:
            self.straight = StraightWay(self._schema, executor=executor, info=self.config.info_class)

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Make what goes out safe, whichever way it goes."""
        for error in errors:
            shape(error)

    async def run(
        self, document: DocumentNode, *, operation: str | None, variables: Mapping[str, Any], context: Context
    ) -> ExecutionResult:
        """Execute an operation of a document that is parsed, bounded and valid.

        ``execute`` would go through extensions that have nothing left to do, for a sixth of what a page costs.
        """
        done = await self._run(document, operation=operation, variables=variables, context=context)
        if done.errors:
            self.process_errors(done.errors)
        return done

    async def _run(
        self, document: DocumentNode, *, operation: str | None, variables: Mapping[str, Any], context: Context
    ) -> ExecutionResult:
        if self.straight is not None:
            answered = await self.straight.answer(document, operation=operation, variables=variables, context=context)
            if answered is not None:
                return answered
        result = execute(
            self._schema,
            document,
            context_value=context,
            variable_values=dict(variables),
            operation_name=operation,
            is_awaitable=cast("Callable[[Any], TypeGuard[Awaitable[Any]]]", optimized_is_awaitable),
            executor_class=self.execution_context_class,
        )
        return result if isinstance(result, ExecutionResult) else await result

    async def stream(self, query: str | None, **options: Any) -> Any:  # type: ignore[override]
        """Run one operation of a WebSocket, in a context of its own."""
        context = options["context_value"]
        options["context_value"] = context.fresh() if isinstance(context, Context) else context
        return await super().stream(query, **options)


def make_schema(
    *,
    executor: type[CompiledExecutor] | None = None,
    extensions: Iterable[type[SchemaExtension]] = (),
) -> GatewaySchema:
    """Return the schema; without ``executor`` graphql-core executes everything, as it also does for a comparison."""
    return GatewaySchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[Person, Post, Comment, Group, Badge, Recognition],
        executor=executor,
        extensions=tuple(extensions),
        config=StrawberryConfig(scalar_map=scalar_map()),
    )
