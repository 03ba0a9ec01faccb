"""GraphQL over HTTP: a request is read, bounded and signed in, then executed, and answered whatever happens.

Statuses follow the GraphQL-over-HTTP specification (graphql.github.io/graphql-over-http): a request that cannot be
executed is a 4xx for clients that accept ``application/graphql-response+json``, and a 200 with errors for the others; what
fails before GraphQL (no token, too large, too many) has its own status for both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from graphql import ExecutionResult, GraphQLError, OperationType
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send
from strawberry.http.ides import get_graphql_ide_html

from gateway import limits
from gateway.context import Backend, Context, open_context, parse_after
from gateway.documents import Documents, Operation, Refused, check_cost
from gateway.errors import as_body, http_status, told
from gateway.reading import JSON, Inquiry, TooLarge, WrongMediaType, read_asked, wants_page
from gateway.schema import GatewaySchema
from gateway.wire import Answer, Asked, dumps
from services.chassis.auth import Caller, Verifier
from services.chassis.errors import Invalid, NotFound, SamverkaError, Unauthenticated, Unavailable
from services.chassis.interceptors import AFTER_KEY, BEHIND_KEY
from services.chassis.telemetry import Telemetry

POSITION_HEADER = "samverka-position"
_GRAPHQL_JSON = "application/graphql-response+json"
_BEARER = "bearer "


class Doorkeeper:
    """Lets callers in: verifies their token, counts their requests, and makes them known to the node."""

    def __init__(self, *, verifier: Verifier, backend: Backend, introspection_for_all: bool) -> None:
        self._verifier = verifier
        self._backend = backend
        self._introspection_for_all = introspection_for_all

    async def admit(self, authorization: str | None, after: str) -> Context:
        """Return the context of the caller's request. Raises SamverkaError."""
        caller = await self._verifier.verify(bearer_token(authorization))
        self.count(caller)
        context = open_context(self._backend, caller, after=parse_after(after))
        await context.make_known()
        return context

    def count(self, caller: Caller) -> None:
        """Count one request of the caller; Exhausted if they have none left."""
        self._backend.rate_limiter.take(caller.person_id)

    def admit_stranger(self, operation: Operation) -> Context:
        """Return a context for nobody, which is enough to look at the schema in development."""
        if not (self._introspection_for_all and operation.only_introspection):
            raise Unauthenticated("Sign in first.", code="token_missing")
        return open_context(self._backend, None)


class HttpEndpoint:
    """Answers GET and POST on /graphql."""

    def __init__(
        self,
        *,
        schema: GatewaySchema,
        documents: Documents,
        doorkeeper: Doorkeeper,
        backend: Backend,
        telemetry: Telemetry,
    ) -> None:
        self._schema = schema
        self._documents = documents
        self._doorkeeper = doorkeeper
        self._clock = backend.clock
        self._telemetry = telemetry
        self._meters = backend.meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = await self.answer(Inquiry(scope, receive))
        await response(scope, receive, send)

    async def answer(self, request: Inquiry) -> Response:
        """Return the answer; nothing is raised."""
        if wants_page(request):
            return HTMLResponse(get_graphql_ide_html(graphql_ide="graphiql"))
        began = self._clock.monotonic_seconds()
        kind, outcome = "none", "ok"
        try:
            with self._telemetry.span("graphql", traceparent=request.header("traceparent"), kind="server") as span:
                asked = await read_asked(request)
                operation, context = await self._admit(request, asked)
                kind = operation.kind.value
                span.set_attribute("graphql.operation.type", kind)
                result = await self._execute(request, asked, operation, context)
                outcome = "errors" if result.errors else "ok"
                return _answer(request, result, context)
        except Refused as refused:
            outcome = str((refused.errors[0].extensions or {}).get("code"))
            return _refuse(request, refused.errors)
        except ClientDisconnect:
            outcome = "disconnected"
            return Response(status_code=400)
        except Exception as error:  # the one place where what nobody foresaw becomes an answer
            shown = told(error)
            outcome = shown.code
            return _fail(shown)
        finally:
            self._meters.request(operation=kind, outcome=outcome, seconds=self._clock.monotonic_seconds() - began)

    async def _admit(self, request: Inquiry, asked: Asked) -> tuple[Operation, Context]:
        """Return the operation and the context to execute it in; who asks is settled before what they ask is looked at."""
        authorization = request.header("authorization")
        if not authorization:
            # Only what looks like a stranger's introspection gets as far as being parsed.
            operation = self._stranger_operation(asked)
            return operation, self._doorkeeper.admit_stranger(operation)
        context = await self._doorkeeper.admit(authorization, request.header(AFTER_KEY))
        return self._documents.read(asked.query).operation(asked.operation_name), context

    def _stranger_operation(self, asked: Asked) -> Operation:
        try:
            return self._documents.read(asked.query).operation(asked.operation_name)
        except Refused:
            raise Unauthenticated("Sign in first.", code="token_missing") from None

    async def _execute(self, request: Inquiry, asked: Asked, operation: Operation, context: Context) -> ExecutionResult:
        if operation.kind is OperationType.SUBSCRIPTION:
            raise Invalid("Subscribe over a WebSocket.", code="subscription_over_http")
        if request.method == "GET" and operation.kind is not OperationType.QUERY:
            raise NotByGet("Send what changes something by POST.", code="mutation_by_get")
        check_cost(operation, asked.variables)
        try:
            async with asyncio.timeout(limits.OPERATION_SECONDS_MAX):
                return await self._schema.run(
                    operation.parsed,
                    operation=asked.operation_name,
                    variables=asked.variables,
                    context=context,
                )
        except TimeoutError:
            raise Unavailable("It took too long; try again.", code="deadline") from None


class NotByGet(Invalid):
    """The request would be right, by POST."""


_STATUS: dict[type[SamverkaError], int] = {NotByGet: 405, TooLarge: 413, WrongMediaType: 415}


def bearer_token(authorization: str | None) -> str:
    """Return the token of an authorization header, empty without one; Unauthenticated if it is another scheme."""
    if not authorization:
        return ""
    if not authorization.lower().startswith(_BEARER):
        raise Unauthenticated("Send a bearer token.", code="token_malformed")
    return authorization[len(_BEARER) :].strip()


async def answer_no_route(request: Request, error: Exception) -> Response:
    """Answer a request for a path or by a method that there is not, as every other fault is answered."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    fault = NotFound("There is nothing here.") if status == 404 else Invalid("Not by this method.", code="wrong_method")
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return _respond(as_body(fault), media_type=JSON, status=status, headers=headers)


def _answer(request: Inquiry, result: ExecutionResult, context: Context) -> Response:
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body = {"errors": [error.formatted for error in result.errors], "data": result.data}
    headers = {}
    if context.talk.after is not None:
        headers[POSITION_HEADER] = str(context.talk.after)
    if context.talk.behind:
        headers[BEHIND_KEY] = str(context.talk.behind)
    return _respond(body, media_type=_media_type(request), headers=headers)


def _refuse(request: Inquiry, errors: tuple[GraphQLError, ...]) -> Response:
    media_type = _media_type(request)
    status = 200 if media_type == JSON else 400
    return _respond({"errors": [error.formatted for error in errors]}, media_type=media_type, status=status)


def _fail(error: SamverkaError) -> Response:
    status = _STATUS.get(type(error)) or http_status(error)
    headers = {"www-authenticate": "Bearer"} if status == 401 else {"retry-after": "1"} if status in (429, 503) else {}
    if status == 405:
        headers["allow"] = "POST"
    return _respond(as_body(error), media_type=JSON, status=status, headers=headers)


def _media_type(request: Inquiry) -> str:
    return _GRAPHQL_JSON if _GRAPHQL_JSON in request.header("accept") else JSON


def _respond(
    body: Mapping[str, Any], *, media_type: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    return Answer(dumps(body), status=status, headers={"content-type": media_type, **(headers or {})})
