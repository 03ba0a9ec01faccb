"""Ready means that queries will be answered, and the body says by whom not."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from gateway import limits
from gateway.app import open_app
from samverka.feed.v1.feed_service_pb2_grpc import add_FeedServiceServicer_to_server
from samverka.profile.v1.profile_service_pb2_grpc import add_ProfileServiceServicer_to_server
from services.chassis.clock import ManualClock
from services.chassis.telemetry import Telemetry
from tests.gateway.fakes import FakeFeed, FakeProfile, Node, make_settings, serving


async def test_a_gateway_that_lives_says_so(node: Node) -> None:
    response = await node.client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_it_is_ready_while_both_services_answer(node: Node) -> None:
    response = await node.client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "ready", "services": {"profile": "ok", "feed": "ok"}}


async def test_it_is_not_ready_without_one_of_them_and_is_again_when_it_comes() -> None:
    telemetry = Telemetry(service="gateway")
    async with serving((add_ProfileServiceServicer_to_server, FakeProfile())) as profile:
        async with serving((add_FeedServiceServicer_to_server, FakeFeed())) as feed:
            settings = make_settings(profile_target=profile, feed_target=feed)
        async with open_app(settings, telemetry=telemetry, clock=ManualClock()) as app:
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as client:
                response = await client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"status": "not_ready", "services": {"profile": "ok", "feed": "unavailable"}}
    telemetry.shutdown()


async def test_a_service_that_hangs_makes_it_not_ready_in_bounded_time(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "READY_SECONDS_MAX", 0.1)
    node.feed.gates["GetPost"] = asyncio.Event()
    response = await node.client.get("/readyz")
    assert response.json()["services"] == {"profile": "ok", "feed": "unavailable"}
    node.feed.gates["GetPost"].set()


async def test_metrics_are_in_prometheus_format(node: Node) -> None:
    response = await node.client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    assert "# TYPE samverka_gateway_subscriptions gauge" in response.text
