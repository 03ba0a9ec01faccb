"""Two regions of one data directory that share, what their people do, and what their operator sees."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil

from ops.agreement import Verdict, agreements
from ops.dirs import DataDir
from ops.failure import Failure
from ops.ports import FreePorts
from ops.state import RunRecord, read_run
from ops.status import collect
from ops.tokens import Bearer, make_token
from services.chassis.clock import SystemClock
from tests.ops.networks import SECONDS_MAX, RunningNetwork, Start, first_of_free
from tests.support.logs import eventually
from tests.support.nats import freeze

HOME, PEER = "stockholm", "tokyo"
CLOCK = SystemClock()


class Network:
    """Two regions of one data directory, and what their people and their operator do."""

    def __init__(self, data: Path, running: RunningNetwork) -> None:
        self.data = DataDir.at(data)
        self.running = running

    @property
    def run(self) -> RunRecord:
        run = read_run(self.data)
        assert run is not None
        return run

    async def post(self, body: str, *, reach: str = "NETWORK") -> None:
        posted = f'createPost(input: {{body: "{body}", reach: {reach}}})'
        made = await self._ask(HOME, "maja", f"mutation {{ {posted} {{ post {{ id }} errors {{ code }} }} }}")
        assert made["createPost"]["post"]

    async def posts(self, region: str, author: str) -> list[str]:
        """Return the texts of somebody's posts as a reader in ``region`` sees them, the first first."""
        query = f'{{ person(id: "{author}") {{ posts(first: 50) {{ edges {{ node {{ body }} }} }} }} }}'
        person = (await self._ask(region, "reader", query))["person"]
        return [edge["node"]["body"] for edge in reversed(person["posts"]["edges"])] if person else []

    async def shown(self, region: str, author: str, *texts: str) -> None:
        """Wait until a reader in ``region`` sees just these posts of somebody's."""

        async def is_shown() -> bool:
            try:
                return await self.posts(region, author) == list(texts)
            except (httpx.HTTPError, TypeError, KeyError):  # its services are starting
                return False

        await eventually(is_shown, seconds=SECONDS_MAX)

    async def maja(self) -> str:
        return str((await self._ask(HOME, "maja", "{ viewer { id } }"))["viewer"]["id"])

    async def alarms(self) -> set[tuple[str, str]]:
        """Return the alarms as (who sees it, its code)."""
        status = await collect(self.data, clock=CLOCK)
        return {(alarm.region, alarm.code) for region in status.regions for alarm in region.alarms}

    async def agree(self) -> bool:
        try:
            return {one.verdict for one in await agreements(self.data)} == {Verdict.AGREE}
        except Failure:  # a service is still starting
            return False

    async def freeze_and(self, act: Callable[[Path], object]) -> psutil.Process:
        """Do something to the store of the region while its server neither reads nor writes, and return the server."""
        [nats] = [record.identity for record in self.run.of_region(HOME) if record.service == "nats"]
        process = nats.find() if nats else None
        assert process is not None
        freeze(process)
        await asyncio.to_thread(act, self.data.region(HOME).nats_store)
        return process

    async def _ask(self, region: str, name: str, query: str) -> dict[str, Any]:
        token = make_token(self.data, Bearer(region=region, handle=name), lifetime_seconds=600, clock=CLOCK)
        async with httpx.AsyncClient(trust_env=False, timeout=SECONDS_MAX) as client:
            response = await client.post(
                f"{self.run.urls[region]}/graphql",
                json={"query": query},
                headers={"authorization": f"Bearer {token}"},
            )
        answer: dict[str, Any] = response.json()["data"]
        return answer


def start_regions(start: Start, free_ports: FreePorts, data: Path) -> Network:
    """Start both regions on a data directory, and return them when they are ready."""
    port = first_of_free(2, free_ports)
    running = start("-m", "ops.cli", "up", "--data", str(data), "--port", str(port), "--regions", f"{HOME},{PEER}")
    running.read_until(f"{PEER} is ready")
    return Network(data, running)
