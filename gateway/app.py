"""Puts the gateway together; nothing else constructs anything."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress

import grpc
import uvicorn
from opentelemetry.metrics import Meter
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from gateway import limits
from gateway.clients import FEED_READS, NETWORK_READS, PROFILE_READS, FeedClient, NetworkClient, ProfileClient
from gateway.context import Backend
from gateway.documents import Documents, remembered
from gateway.endpoint import Doorkeeper, HttpEndpoint, answer_no_route
from gateway.executor import Plans, executor_class
from gateway.group_client import GroupClient
from gateway.health import LIVE_PATH, METRICS_PATH, READY_PATH, HealthEndpoints
from gateway.limits import RateLimiter, Subscriptions
from gateway.member_client import MemberClient
from gateway.meters import Meters
from gateway.people import KnownPeople, Positions
from gateway.protocol import GatheringProtocol
from gateway.question_client import QuestionClient
from gateway.recognition_client import RECOGNITION_READS, RecognitionClient
from gateway.schema import GatewaySchema, make_schema
from gateway.search_client import SEARCH_READS, SearchClient
from gateway.settings import GatewaySettings
from gateway.sockets import SocketEndpoint
from gateway.watch_client import WatchClient
from services.chassis.auth import Verifier, open_verifier
from services.chassis.channels import open_channel
from services.chassis.clock import Clock, SystemClock
from services.chassis.ids import Ids
from services.chassis.instruments import watch
from services.chassis.settings import ListenFault, split_listen, variable
from services.chassis.telemetry import Telemetry

PATH = "/graphql"
METHODS = ("GET", "POST")
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


async def serve(settings: GatewaySettings) -> None:
    """Serve until SIGTERM or SIGINT, then let running requests finish. Raises ListenFault."""
    telemetry = Telemetry.start(settings, service="gateway")
    try:
        async with open_app(settings, telemetry=telemetry, clock=SystemClock()) as app:
            with _listen(settings) as listening:
                await make_server(app).serve(sockets=[listening])
    finally:
        telemetry.shutdown()


@asynccontextmanager
async def open_app(
    settings: GatewaySettings, *, telemetry: Telemetry, clock: Clock, verifier: Verifier | None = None
) -> AsyncIterator[Starlette]:
    """Open the channels and the verifier, and yield the application over them; needs a running event loop."""
    profile = open_channel(settings.profile_target, safe_methods=PROFILE_READS)
    feed = open_channel(settings.feed_target, safe_methods=FEED_READS)
    network = open_channel(settings.network_target, safe_methods=NETWORK_READS)
    search = open_channel(settings.search_target, safe_methods=SEARCH_READS)
    recognition = open_channel(settings.recognition_target, safe_methods=RECOGNITION_READS)
    verifying = verifier or open_verifier(settings, clock=clock)
    try:
        yield make_app(
            settings,
            profile=profile,
            feed=feed,
            network=network,
            search=search,
            recognition=recognition,
            verifier=verifying,
            telemetry=telemetry,
            clock=clock,
        )
    finally:
        channels = (profile, feed, network, search, recognition)
        await asyncio.gather(*(channel.close(None) for channel in channels), verifying.close())


def make_app(
    settings: GatewaySettings,
    *,
    profile: grpc.aio.Channel,
    feed: grpc.aio.Channel,
    network: grpc.aio.Channel,
    search: grpc.aio.Channel,
    recognition: grpc.aio.Channel,
    verifier: Verifier,
    telemetry: Telemetry,
    clock: Clock,
) -> Starlette:
    """Return the application over these channels."""
    backend = Backend(
        profile=ProfileClient(profile),
        feed=FeedClient(feed),
        network=NetworkClient(network),
        groups=GroupClient(feed),
        members=MemberClient(feed),
        search=SearchClient(search),
        recognition=RecognitionClient(recognition),
        questions=QuestionClient(feed),
        watches=WatchClient(feed),
        known_people=KnownPeople(clock=clock),
        positions=Positions(clock=clock),
        subscriptions=Subscriptions(),
        rate_limiter=RateLimiter(clock=clock),
        meters=Meters(telemetry, clock=clock),
        ids=Ids(settings.region, clock),
        clock=clock,
    )
    plans = Plans()
    documents, schema = _make_schema(plans)
    doorkeeper = Doorkeeper(verifier=verifier, backend=backend, introspection_for_all=settings.env == "dev")
    http = HttpEndpoint(schema=schema, documents=documents, doorkeeper=doorkeeper, backend=backend, telemetry=telemetry)
    sockets = SocketEndpoint(schema=schema, documents=documents, doorkeeper=doorkeeper, backend=backend)
    services = {
        "profile": (profile, PROFILE_READS[0]),
        "feed": (feed, FEED_READS[0]),
        "recognition": (recognition, RECOGNITION_READS[0]),
        "search": (search, SEARCH_READS[0]),
        "network": (network, NETWORK_READS[0]),
    }
    health = HealthEndpoints(services=services, telemetry=telemetry)
    _measure(telemetry.meter, backend, plans)
    return Application(http, routes=_routes(sockets, health))


class Application(Starlette):
    """Starlette, except that GraphQL over HTTP goes straight to its endpoint.

    Nothing is raised there that is left to be answered, and finding the way to it costs more than what Starlette does in it.
    """

    def __init__(self, http: HttpEndpoint, *, routes: Sequence[BaseRoute]) -> None:
        super().__init__(
            routes=[Route(PATH, http, methods=METHODS), *routes],
            exception_handlers={HTTPException: answer_no_route},
        )
        self._http = http

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or serve a WebSocket."""
        if scope["type"] == "http" and scope["path"] == PATH and scope["method"] in METHODS:
            await self._http(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


class Server(uvicorn.Server):
    """uvicorn, except that a signal ends the serving and not the process: what was opened is still to be closed."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop serving on SIGTERM and SIGINT, within the block."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            with suppress(NotImplementedError):  # Windows has none: there Ctrl-C ends the process without a drain
                loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in _SIGNALS:
                with suppress(NotImplementedError):
                    loop.remove_signal_handler(number)


def make_server(app: Starlette) -> Server:
    """Return the HTTP server: quiet, bounded, and patient at its end."""
    return Server(
        uvicorn.Config(
            app,
            loop="none",  # the one that runs already
            http=GatheringProtocol,
            ws="websockets-sansio",
            ws_max_size=limits.BODY_BYTES_MAX,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # nobody here asks where a client is
            limit_concurrency=limits.CONNECTIONS_MAX,
            timeout_graceful_shutdown=limits.DRAIN_SECONDS,
        )
    )


def _make_schema(plans: Plans) -> tuple[Documents, GatewaySchema]:
    # Documents are validated against the schema, and the schema takes its documents from there.
    documents = Documents(make_schema()._schema)
    return documents, make_schema(executor=executor_class(plans), extensions=[remembered(documents)])


def _routes(sockets: SocketEndpoint, health: HealthEndpoints) -> list[BaseRoute]:
    return [
        WebSocketRoute(PATH, sockets),
        Route(LIVE_PATH, health.live),
        Route(READY_PATH, health.ready),
        Route(METRICS_PATH, health.metrics),
    ]


def _measure(meter: Meter, backend: Backend, plans: Plans) -> None:
    gauges: tuple[tuple[str, str, Callable[[], int]], ...] = (
        ("subscriptions", "Subscriptions open", lambda: backend.subscriptions.open),
        ("objects.compiled", "Objects built by compiled code", lambda: plans.objects_compiled),
        ("objects.given_up", "Objects left to graphql-core", lambda: plans.objects_given_up),
    )
    for name, text, read in gauges:
        watch(meter, f"samverka.gateway.{name}", text, read)


def _listen(settings: GatewaySettings) -> socket.socket:
    host, port = split_listen(settings.http_listen)
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise ListenFault(variable("http_listen"), settings.http_listen) from error
