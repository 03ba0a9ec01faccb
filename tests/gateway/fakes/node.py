"""A gateway over stand-ins, and whoever talks to it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import httpx
from starlette.applications import Starlette

from gateway.app import make_app
from gateway.settings import GatewaySettings
from samverka.feed.v1.feed_service_pb2_grpc import add_FeedServiceServicer_to_server
from samverka.network.v1.network_service_pb2_grpc import add_NetworkServiceServicer_to_server
from samverka.profile.v1.profile_service_pb2_grpc import add_ProfileServiceServicer_to_server
from samverka.recognition.v1.recognition_service_pb2_grpc import (
    add_RecognitionServiceServicer_to_server,
)
from samverka.search.v1.search_service_pb2_grpc import add_SearchServiceServicer_to_server
from services.chassis.auth import Caller, Verifier
from services.chassis.channels import open_channel
from services.chassis.clock import Clock, ManualClock
from services.chassis.errors import SamverkaError, Unauthenticated
from services.chassis.telemetry import Telemetry
from tests.gateway.fakes.answering import REGION
from tests.gateway.fakes.feed import FakeFeed
from tests.gateway.fakes.network import FakeNetwork
from tests.gateway.fakes.profile import FakeProfile, person_id
from tests.gateway.fakes.recognition import FakeRecognition
from tests.gateway.fakes.search import FakeSearch

YEAR_SECONDS = 365 * 24 * 3600


class FakeVerifier:
    """Takes ``token-of-<handle>`` for a good token, and everything else for one with a wrong signature."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.lifetime_seconds = YEAR_SECONDS
        self.error: SamverkaError | None = None

    async def verify(self, token: str) -> Caller:
        if self.error is not None:
            raise self.error
        if not token:
            raise Unauthenticated("Sign in first.", code="token_missing")
        handle = token.removeprefix("token-of-")
        if handle == token:
            raise Unauthenticated("The token's signature is wrong.", code="token_signature")
        return Caller(
            person_id=person_id(handle),
            issuer="https://issuer.test",
            subject=handle,
            handle=handle,
            name=handle.title(),
            roles=frozenset({"member"}),
            expires_at=self._clock.wall_ms() // 1000 + self.lifetime_seconds,
            token=token,
        )

    async def close(self) -> None:
        pass


@dataclass
class Node:
    """A gateway over fakes, and an HTTP client that talks to it in process."""

    app: Starlette
    client: httpx.AsyncClient
    profile: FakeProfile
    feed: FakeFeed
    network: FakeNetwork
    recognition: FakeRecognition
    search: FakeSearch
    verifier: FakeVerifier
    clock: ManualClock
    telemetry: Telemetry

    async def ask(
        self, query: str, variables: Any = None, *, token: str | None = "token-of-ann", **headers: str
    ) -> Any:
        """Return the JSON body of the answer."""
        return (await self.post({"query": query, "variables": variables}, token=token, **headers)).json()

    async def post(self, body: Any, *, token: str | None = "token-of-ann", **headers: str) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        sent.setdefault("content-type", "application/json")
        return await self.client.post("/graphql", content=json.dumps(body), headers=sent)


@asynccontextmanager
async def serving(*servicers: tuple[Callable[[Any, Any], None], Any]) -> AsyncIterator[str]:
    """Serve fakes on a free port, and yield their target."""
    server = grpc.aio.server()
    for add, servicer in servicers:
        add(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"ipv4:127.0.0.1:{port}"
    finally:
        await server.stop(None)


def make_settings(**changes: Any) -> GatewaySettings:
    settings: dict[str, Any] = {
        "env": "dev",
        "region": REGION,
        "auth_issuer": "https://issuer.test",
        "http_listen": "127.0.0.1:0",
        "profile_target": "ipv4:127.0.0.1:9",
        "feed_target": "ipv4:127.0.0.1:9",
        "network_target": "ipv4:127.0.0.1:9",
        "recognition_target": "ipv4:127.0.0.1:9",
        "search_target": "ipv4:127.0.0.1:9",
    }
    return GatewaySettings(**(settings | changes))


@asynccontextmanager
async def open_node(env: str = "dev") -> AsyncIterator[Node]:
    """Open a gateway over fakes."""
    profile, feed, network, clock = FakeProfile(), FakeFeed(), FakeNetwork(), ManualClock()
    recognition_, search = FakeRecognition(), FakeSearch()
    verifier = FakeVerifier(clock)
    telemetry = Telemetry(service="gateway")
    async with serving(
        (add_ProfileServiceServicer_to_server, profile),
        (add_FeedServiceServicer_to_server, feed),
        (add_NetworkServiceServicer_to_server, network),
        (add_RecognitionServiceServicer_to_server, recognition_),
        (add_SearchServiceServicer_to_server, search),
    ) as target:
        channel = open_channel(target)
        known: Any = verifier
        verifying: Verifier = known
        app = make_app(
            make_settings(env=env),
            profile=channel,
            feed=channel,
            network=channel,
            recognition=channel,
            search=channel,
            verifier=verifying,
            telemetry=telemetry,
            clock=clock,
        )
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as client:
            yield Node(app, client, profile, feed, network, recognition_, search, verifier, clock, telemetry)
        await channel.close(None)
    telemetry.shutdown()
