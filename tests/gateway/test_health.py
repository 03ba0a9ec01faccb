"""Ready means that queries will be answered, and the body says by whom not."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from gateway import limits
from gateway.app import open_app
from ops.plan import SERVICES
from samverka.feed.v1.feed_service_pb2_grpc import add_FeedServiceServicer_to_server
from samverka.profile.v1.profile_service_pb2_grpc import add_ProfileServiceServicer_to_server
from services.chassis.clock import ManualClock
from services.chassis.telemetry import Telemetry
from tests.gateway.fakes.feed import FakeFeed
from tests.gateway.fakes.node import Node, make_settings, serving
from tests.gateway.fakes.profile import FakeProfile
from tests.support.logs import eventually


async def test_a_gateway_that_lives_says_so(node: Node) -> None:
    response = await node.client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_it_is_ready_while_all_services_answer(node: Node) -> None:
    response = await node.client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "ready", "services": dict.fromkeys(SERVICES, "ok")}


async def test_it_is_not_ready_without_profile_or_feed() -> None:
    async with serving((add_ProfileServiceServicer_to_server, FakeProfile())) as profile:
        response = await _readiness(profile_target=profile)
    assert response.status_code == 503
    services = dict.fromkeys(SERVICES, "unavailable") | {"profile": "ok"}
    assert response.json() == {"status": "not_ready", "services": services}


async def test_without_the_others_it_is_ready_and_says_who_does_not_answer() -> None:
    added = (add_ProfileServiceServicer_to_server, FakeProfile()), (add_FeedServiceServicer_to_server, FakeFeed())
    async with serving(*added) as both:
        response = await _readiness(profile_target=both, feed_target=both)
    assert response.status_code == 200
    services = dict.fromkeys(SERVICES, "unavailable") | {"profile": "ok", "feed": "ok"}
    assert response.json() == {"status": "ready", "services": services}


async def test_a_service_that_hangs_makes_it_not_ready_in_bounded_time(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "READY_SECONDS_MAX", 0.1)
    node.feed.gates["GetPost"] = asyncio.Event()

    async def only_that_one_is_away() -> bool:
        services = (await node.client.get("/readyz")).json()["services"]
        assert services["feed"] == "unavailable"
        return bool(services == dict.fromkeys(SERVICES, "ok") | {"feed": "unavailable"})

    await eventually(only_that_one_is_away)  # on a slow machine the others may be late as well, at first
    node.feed.gates["GetPost"].set()


async def test_metrics_are_in_prometheus_format(node: Node) -> None:
    response = await node.client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    assert "# TYPE samverka_gateway_subscriptions gauge" in response.text


async def _readiness(**targets: str) -> httpx.Response:
    """Ask a gateway whose other services are not there."""
    telemetry = Telemetry(service="gateway")
    try:
        async with open_app(make_settings(**targets), telemetry=telemetry, clock=ManualClock()) as app:
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as client:
                return await client.get("/readyz")
    finally:
        telemetry.shutdown()
