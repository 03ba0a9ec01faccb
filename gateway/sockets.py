"""GraphQL over WebSocket: the protocol graphql-transport-ws (github.com/enisdenjo/graphql-ws), on Strawberry's handler.

Who asks is said once, in ``connection_init`` (``authorization``) or in the header of the handshake. Every operation is read,
counted and priced as over HTTP; what is refused is an ``error`` message with a code, what is not the protocol ends the
connection.
"""

from __future__ import annotations

from datetime import timedelta

import orjson
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    Message,
    SubscribeMessage,
)

from gateway import limits
from gateway.context import Backend, Context
from gateway.documents import Documents, Refused, check_cost
from gateway.endpoint import Doorkeeper
from gateway.errors import as_graphql, told
from gateway.limits import too_many_subscriptions
from gateway.schema import GatewaySchema
from gateway.wire import Asked, dumps, loads, parse_asked
from services.chassis.errors import Invalid, SamverkaError, Unavailable
from services.chassis.interceptors import AFTER_KEY

_FORBIDDEN = 4403
_TRY_AGAIN_LATER = 1013
_AUTHORIZATION = "authorization"


class SocketHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """One connection."""

    view: SocketEndpoint
    context: Context

    async def handle_message(self, message: Message) -> None:
        """Handle one message; one that is not an object ends the connection."""
        if not isinstance(message, dict):
            await self.handle_invalid_message("A message is an object")
        else:
            await super().handle_message(message)

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """Let the caller in, or close the connection with the code of the error as its reason."""
        try:
            await super().handle_connection_init(message)
        except Exception as error:
            shown = told(error)
            code = _TRY_AGAIN_LATER if isinstance(shown, Unavailable) else _FORBIDDEN
            await self.websocket.close(code, shown.code)

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Begin an operation, or refuse it."""
        operation_id = message["id"]
        if not isinstance(operation_id, str):
            await self.handle_invalid_message("An id is a text")
            return
        if self.connection_acknowledged and operation_id not in self.operations:
            errors = self._refusal(message)
            if errors:
                payload = [error.formatted for error in errors]
                await self.send_message({"id": operation_id, "type": "error", "payload": payload})
                return
        await super().handle_subscribe(message)

    def _refusal(self, message: SubscribeMessage) -> tuple[GraphQLError, ...]:
        """Return why the operation is not begun; nothing if it is."""
        try:
            self._check(parse_asked(message["payload"]))
        except Refused as refused:
            return refused.errors
        except SamverkaError as error:
            return (as_graphql(error),)
        return ()

    def _check(self, asked: Asked) -> None:
        if len(self.operations) >= limits.SUBSCRIPTIONS_PER_CONNECTION_MAX:
            raise too_many_subscriptions(limits.SUBSCRIPTIONS_PER_CONNECTION_MAX)
        self.context.check_token()
        self.view.doorkeeper.count(self.context.viewer)
        operation = self.view.documents.read(asked.query).operation(asked.operation_name)
        check_cost(operation, asked.variables)


class SocketEndpoint(GraphQL[Context, None]):
    """Answers WebSocket handshakes on /graphql."""

    graphql_transport_ws_handler_class = SocketHandler

    def __init__(
        self, *, schema: GatewaySchema, documents: Documents, doorkeeper: Doorkeeper, backend: Backend
    ) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=limits.CONNECTION_INIT_SECONDS_MAX),
            # Counted by the handler, whose refusal has a code.
            max_subscriptions_per_connection=None,
            # A page of another origin has no cookie to misuse here: without a token it gets nothing.
            allowed_origins=("*",),
        )
        self.documents = documents
        self.doorkeeper = doorkeeper
        self._backend = backend

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        """Return the connection's context, in which nobody has signed in yet."""
        context = Context(backend=self._backend, connection_params={})
        context.handshake = request.headers
        return context

    async def on_ws_connect(self, context: Context) -> dict[str, object] | None:
        """Sign in who connects, by what ``connection_init`` carries or else the handshake. Raises SamverkaError."""
        said = {key.lower(): value for key, value in (context.connection_params or {}).items()}
        authorization = said.get(_AUTHORIZATION) or context.handshake.get(_AUTHORIZATION)
        after = said.get(AFTER_KEY) or context.handshake.get(AFTER_KEY, "")
        if not isinstance(authorization, str | None) or not isinstance(after, str):
            raise Invalid("The payload of connection_init is malformed.", code="malformed_request")
        admitted = await self.doorkeeper.admit(authorization, after)
        context.caller, context.talk = admitted.caller, admitted.talk
        return None

    def decode_json(self, data: str | bytes) -> object:
        """Return the message; JSONDecodeError, which ends the connection, if it is none."""
        try:
            return loads(data)
        except Invalid as error:
            raise orjson.JSONDecodeError(error.message, "", 0) from None

    def encode_json(self, data: object) -> str:
        """Return the message as text."""
        return dumps(data).decode()
