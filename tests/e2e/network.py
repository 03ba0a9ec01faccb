"""A real network of real processes, as a new user starts it, and a client that knows only what is promised."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

SAMVERKA = str(Path(sys.executable).parent / "samverka")
START_SECONDS_MAX = 90.0
STOP_SECONDS_MAX = 40.0
LOOK_SECONDS = 0.05


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def samverka(*arguments: str, data: Path, fails: bool = False) -> str:
    """Run the command to its end and return what it printed; ``fails`` allows exit 1."""
    done = subprocess.run(
        [SAMVERKA, *arguments, "--data", str(data)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0 or (fails and done.returncode == 1), done.stderr
    return done.stdout


class Network:
    """A running ``samverka up``."""

    def __init__(self, *, data: Path, options: tuple[str, ...] = ()) -> None:
        self.data = data
        self.port = free_port()
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._tokens: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        output = (self.data.parent / "up.log").open("ab")
        self._process = subprocess.Popen(
            [SAMVERKA, "up", "--data", str(self.data), "--port", str(self.port), *self._options],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        output.close()
        await self.wait_ready()

    async def wait_ready(self) -> None:
        async with httpx.AsyncClient() as client:

            async def ready() -> bool:
                assert self._process is not None
                assert self._process.poll() is None, (self.data.parent / "up.log").read_text()
                try:
                    return (await client.get(f"{self.url}/readyz")).status_code == httpx.codes.OK
                except httpx.TransportError:
                    return False

            await wait_until(ready, seconds=START_SECONDS_MAX)

    async def stop(self) -> int:
        """Stop it as Ctrl-C does and return its exit code."""
        if self._process is None:
            return 0
        self._process.send_signal(signal.SIGINT)
        code = await asyncio.to_thread(self._process.wait, STOP_SECONDS_MAX)
        self._process = None
        return code

    def token(self, handle: str) -> str:
        if handle not in self._tokens:
            self._tokens[handle] = samverka("token", "--region", "stockholm", "--as", handle, data=self.data).strip()
        return self._tokens[handle]

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(samverka("status", "--json", data=self.data, fails=True))
        return found

    def digest(self) -> list[dict[str, Any]]:
        """Return the digest of each replica's tables."""
        found: list[dict[str, Any]] = json.loads(samverka("digest", "--region", "stockholm", "--json", data=self.data))
        return found

    def addresses(self, service: str) -> list[str]:
        """Return where the replicas of a service answer gRPC."""
        record = json.loads((self.data / "run.json").read_text())
        return [process["addresses"]["grpc"] for process in record["processes"] if process["service"] == service]

    def pids(self) -> dict[str, int]:
        """Return the pid of each process, by the name that status gives it."""
        return {process["name"]: process["pid"] for process in self.status()["processes"] if process.get("pid")}

    def kill(self, name: str) -> None:
        os.kill(self.pids()[name], signal.SIGKILL)

    @asynccontextmanager
    async def client(self, handle: str) -> AsyncIterator[Client]:
        headers = {"authorization": f"Bearer {await asyncio.to_thread(self.token, handle)}"}
        async with httpx.AsyncClient(base_url=self.url, headers=headers, timeout=15) as http:
            yield Client(http)


class Client:
    """One person's frontend."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """Return the data of an answer without errors."""
        answer = await self.answer(query, **variables)
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    async def answer(self, query: str, **variables: Any) -> dict[str, Any]:
        response = await self.http.post("/graphql", json={"query": query, "variables": variables})
        answer: dict[str, Any] = response.json()
        return answer

    async def create_post(self, body: str, key: str) -> dict[str, Any]:
        payload: dict[str, Any] = (await self.ask(CREATE_POST, body=body, key=key))["createPost"]
        return payload

    async def create_post_until_acknowledged(self, body: str, key: str, *, seconds: float) -> str:
        """Send the same request until it is acknowledged, whatever dies meanwhile, and return the post's id."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                answer = await self.answer(CREATE_POST, body=body, key=key)
            except (httpx.TransportError, json.JSONDecodeError):
                answer = {}
            payload = (answer.get("data") or {}).get("createPost") or {}
            if payload.get("post"):
                return str(payload["post"]["id"])
            await asyncio.sleep(LOOK_SECONDS)
        raise AssertionError(f"{key} was not acknowledged in {seconds} s: {answer}")

    async def home_feed(self) -> list[dict[str, Any]]:
        """Return every post of the home feed, latest first."""
        nodes: list[dict[str, Any]] = []
        after = None
        while True:
            page = (await self.ask(HOME_FEED, first=100, after=after))["homeFeed"]
            nodes += [edge["node"] for edge in page["edges"]]
            if not page["pageInfo"]["hasNextPage"]:
                return nodes
            after = page["pageInfo"]["endCursor"]


async def wait_until(condition: Callable[[], Any], *, seconds: float) -> None:
    """Wait until a condition, plain or awaitable, holds; fails after ``seconds``."""
    deadline = time.monotonic() + seconds
    while True:
        holds = condition()
        if asyncio.iscoroutine(holds):
            holds = await holds
        if holds:
            return
        assert time.monotonic() < deadline, f"it did not come to hold in {seconds} s"
        await asyncio.sleep(LOOK_SECONDS)


CREATE_POST = """
mutation ($body: String!, $key: String!) {
  createPost(input: {body: $body, idempotencyKey: $key}) {
    post { id body createdAt author { id handle } }
    errors { code message field }
  }
}
"""
HOME_FEED = """
query ($first: Int, $after: String) {
  homeFeed(first: $first, after: $after) {
    edges { cursor node { id body author { handle } commentCount reactions { emoji count viewerReacted } } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
