"""The process: it starts from its environment, serves over real sockets, and ends in order."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

import gateway
from ops.ports import FreePorts
from tests.gateway.fakes.node import Node
from tests.gateway.running import run_server

ROOT = Path(gateway.__file__).parents[1]
PATIENCE_SECONDS = 60


def environment(**changes: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT}:{ROOT / 'proto/gen'}",
        "SAMVERKA_ENV": "dev",
        "SAMVERKA_REGION": "stockholm",
        "SAMVERKA_AUTH_ISSUER": "http://127.0.0.1:9",
        "SAMVERKA_PROFILE_TARGET": "ipv4:127.0.0.1:9",
        "SAMVERKA_FEED_TARGET": "ipv4:127.0.0.1:9",
        "SAMVERKA_NETWORK_TARGET": "ipv4:127.0.0.1:9",
        "SAMVERKA_RECOGNITION_TARGET": "ipv4:127.0.0.1:9",
        "SAMVERKA_SEARCH_TARGET": "ipv4:127.0.0.1:9",
    } | changes


@asynccontextmanager
async def started(**changes: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", env=environment(**changes), cwd=ROOT, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_process_serves_and_ends_on_a_signal(number: signal.Signals, free_ports: FreePorts) -> None:
    port = free_ports.take()
    async with started(SAMVERKA_HTTP_LISTEN=f"127.0.0.1:{port}") as process:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_SECONDS) as client:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while True:
                    try:
                        response = await client.get("/healthz")
                        break
                    except httpx.TransportError:
                        await asyncio.sleep(0.05)
            assert response.status_code == 200
            assert "server" not in response.headers
            assert (await client.get("/readyz")).status_code == 503
        process.send_signal(number)
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert await process.wait() == 0


async def test_a_busy_port_is_a_clear_message_and_exit_1() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        async with started(SAMVERKA_HTTP_LISTEN=address) as process:
            _, stderr = await asyncio.wait_for(process.communicate(), PATIENCE_SECONDS)
    assert process.returncode == 1
    assert f"SAMVERKA_HTTP_LISTEN: cannot listen on {address}" in stderr.decode()
    assert "Traceback" not in stderr.decode()


async def test_missing_settings_are_all_named_and_exit_2() -> None:
    async with started(SAMVERKA_PROFILE_TARGET="", SAMVERKA_FEED_TARGET="") as process:
        _, stderr = await asyncio.wait_for(process.communicate(), PATIENCE_SECONDS)
    assert process.returncode == 2
    assert stderr.decode().splitlines() == [
        "SAMVERKA_PROFILE_TARGET: must be set",
        "SAMVERKA_FEED_TARGET: must be set",
    ]


async def test_a_request_that_runs_when_the_end_comes_is_answered(node: Node) -> None:
    await node.ask("{ viewer { id } }")
    node.feed.gates["ListHomeFeed"] = asyncio.Event()
    query = {"query": "{ homeFeed(first: 1) { edges { cursor } } }"}
    headers = {"authorization": "Bearer token-of-ann"}
    async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as client:
        async with run_server(node.app) as port:
            asked = asyncio.create_task(client.post(f"http://127.0.0.1:{port}/graphql", json=query, headers=headers))
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not node.feed.named("ListHomeFeed"):
                    await asyncio.sleep(0.001)
            asyncio.get_running_loop().call_later(0.05, node.feed.gates["ListHomeFeed"].set)
        assert (await asked).json()["data"]["homeFeed"]["edges"]


@pytest.mark.parametrize("path", ["/", "/nonsense", "/graphql/x"])
async def test_there_is_nothing_else(node: Node, path: str) -> None:
    assert (await node.client.get(path)).status_code == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_refused(node: Node, method: str) -> None:
    assert (await node.client.request(method, "/graphql")).status_code == 405
