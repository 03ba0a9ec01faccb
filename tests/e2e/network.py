"""A real network of real processes, as a new user starts it, and a client that knows only what is promised."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from ops.ports import FreePorts
from samverka.event.v1.event_pb2 import Event
from services.chassis.eventlog.jetstream import open_log
from services.chassis.eventlog.port import EventLog
from tests.ops.networks import first_of_free
from tests.support.files import files_with

SAMVERKA = str(Path(sys.executable).parent / "samverka")
START_SECONDS_MAX = 180.0
STOP_SECONDS_MAX = 90.0
COMMAND_SECONDS_MAX = 180.0
ANSWER_SECONDS_MAX = 60.0
LOOK_SECONDS = 0.05
GATEWAYS_MAX = 3
"""Those of a network stand on ports in a row."""


def samverka(*arguments: str, data: Path, fails: bool = False) -> str:
    """Run the command to its end and return what it printed; ``fails`` allows exit 1."""
    done = subprocess.run(
        [SAMVERKA, *arguments, "--data", str(data)],
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS_MAX,
        check=False,
    )
    assert done.returncode == 0 or (fails and done.returncode == 1), done.stderr
    return done.stdout


class Network:
    """A running ``samverka up``."""

    def __init__(
        self, *, data: Path, options: tuple[str, ...] = (), environment: Mapping[str, str] | None = None
    ) -> None:
        self.data = data
        self._environment = {**os.environ, **(environment or {})}
        self._ports = FreePorts(chance=random.SystemRandom())
        self.port = 0
        self.move()
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._tokens: dict[tuple[str, str, str], str] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def move(self) -> None:
        """Stand on other ports from the next start on."""
        self.port = first_of_free(GATEWAYS_MAX, self._ports)

    async def start(self) -> None:
        output = (self.data.parent / "up.log").open("ab")
        self._process = subprocess.Popen(
            [SAMVERKA, "up", "--data", str(self.data), "--port", str(self.port), *self._options],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=self._environment,
            start_new_session=True,
        )
        output.close()
        await self.wait_ready()

    async def wait_ready(self) -> None:
        """Wait until the gateway of every region is ready."""
        async with httpx.AsyncClient(timeout=ANSWER_SECONDS_MAX) as client:

            async def ready() -> bool:
                assert self._process is not None
                assert self._process.poll() is None, (self.data.parent / "up.log").read_text()
                try:
                    urls = [self.url, *self._run()["urls"].values()]
                    answers = [(await client.get(f"{url}/readyz")).status_code for url in urls]
                except (httpx.TransportError, FileNotFoundError):
                    return False
                return set(answers) == {httpx.codes.OK}

            await wait_until(ready, seconds=START_SECONDS_MAX)

    async def stop(self) -> int:
        """Stop it as Ctrl-C does and return its exit code."""
        if self._process is None:
            return 0
        self._process.send_signal(signal.SIGINT)
        code = await asyncio.to_thread(self._process.wait, STOP_SECONDS_MAX)
        self._process = None
        return code

    def token(self, handle: str, *, region: str = "stockholm", role: str = "member") -> str:
        who = (handle, region, role)
        if who not in self._tokens:
            asked = ("token", "--region", region, "--as", handle, "--role", role)
            self._tokens[who] = samverka(*asked, data=self.data).strip()
        return self._tokens[who]

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(samverka("status", "--json", data=self.data, fails=True))
        return found

    def digest(self) -> list[dict[str, Any]]:
        """Return the digest of each replica's tables."""
        found: list[dict[str, Any]] = json.loads(samverka("digest", "--region", "stockholm", "--json", data=self.data))
        return found

    def addresses(self, service: str) -> list[str]:
        """Return where the replicas of a service answer gRPC."""
        return [process["addresses"]["grpc"] for process in self._run()["processes"] if process["service"] == service]

    def metrics(self) -> list[str]:
        """Return where each process shows its metrics."""
        processes = self._run()["processes"]
        shown = [each["addresses"].get("http" if each["service"] == "gateway" else "metrics") for each in processes]
        return [f"http://{address}/metrics" for address in shown if address]

    def pids(self) -> dict[str, int]:
        """Return the pid of each process that was started and has not been seen to end, by its name."""
        return {each["name"]: each["identity"]["pid"] for each in self._run()["processes"] if each["identity"]}

    def kill(self, name: str) -> None:
        os.kill(self.pids()[name], signal.SIGKILL)

    @asynccontextmanager
    async def client(self, handle: str, *, region: str = "stockholm", role: str = "member") -> AsyncIterator[Client]:
        """Return somebody of that region, who speaks to its gateway."""
        token = await asyncio.to_thread(self.token, handle, region=region, role=role)
        headers = {"authorization": f"Bearer {token}"}
        url = self._run()["urls"][region]
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=ANSWER_SECONDS_MAX) as http:
            yield Client(http)

    @asynccontextmanager
    async def log(self, region: str) -> AsyncIterator[EventLog]:
        """Return a region's log, as its services have it."""
        [url] = [
            process["addresses"]["nats"] for process in self._run()["processes"] if process["name"] == f"{region}/nats"
        ]
        seed = self.data / region / "services.nk"
        log = await open_log(url=f"nats://{url}", region=region, new_epoch="never", nkey_seed_file=seed)
        try:
            yield log
        finally:
            await log.close()

    async def events(self, region: str) -> list[tuple[str, Event]]:
        """Return what a region's log holds: the subject and the event of each entry."""
        async with self.log(region) as log:
            found, after = [], 0
            while entry := await log.read("", after=after):
                after = entry.sequence
                found.append((entry.subject, Event.FromString(entry.data)))
        return found

    def holding(self, text: str) -> list[Path]:
        """Return the files of all regions in which ``text`` stands, whatever keeps them."""
        return list(files_with(text.encode(), self.data))

    def _run(self) -> dict[str, Any]:
        record: dict[str, Any] = json.loads((self.data / "run.json").read_text())
        return record


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
        """Return the answer, errors and all; what says to come again, or a query's that is behind, is asked for again."""
        asked = {"query": query, "variables": variables}
        while _comes_again(query, response := await self.http.post("/graphql", json=asked)):
            await asyncio.sleep(LOOK_SECONDS)
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


def _comes_again(query: str, response: httpx.Response) -> bool:
    """Whether who asks too fast is held up, or a slow machine's replica has not caught up with what the caller knows."""
    behind = "samverka-behind" in response.headers and not query.lstrip().startswith("mutation")
    return behind or response.status_code == httpx.codes.TOO_MANY_REQUESTS


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
