"""Facts about a whole region as ``samverka up`` runs it: nothing here stands in for anything."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from ops.demo_content import POSTS
from ops.dirs import DataDir
from ops.plan import NETWORK
from ops.ports import FreePorts
from ops.state import read_run
from tests.e2e.network import wait_until
from tests.ops.networks import SECONDS_MAX, Start, first_of_free
from tests.ops.sharing import SharedLog

pytestmark = pytest.mark.timeout(900)


class Samverka:
    """The command, on one data directory."""

    def __init__(self, data: Path, environment: dict[str, str]) -> None:
        self._data = data
        self._environment = environment

    def __call__(self, *arguments: str, fails: bool = False) -> str:
        """Return what the command prints; the test fails if the command does, unless it may."""
        done = subprocess.run(
            [sys.executable, "-m", "ops.cli", *arguments, "--data", str(self._data)],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
        )
        assert fails or done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "a data's directory"


@pytest.fixture
def samverka(data: Path, environment: dict[str, str]) -> Samverka:
    return Samverka(data, environment)


def _ask(port: int, token: str, query: str) -> dict[str, Any]:
    response = httpx.post(
        f"http://127.0.0.1:{port}/graphql",
        json={"query": query},
        headers={"authorization": f"Bearer {token}"},
        trust_env=False,
        timeout=SECONDS_MAX,
    )
    answer: dict[str, Any] = response.json()["data"]
    return answer


def _post(port: int, token: str, body: str) -> None:
    made = _ask(
        port, token, f'mutation {{ createPost(input: {{body: "{body}"}}) {{ post {{ id }} errors {{ code }} }} }}'
    )
    assert made["createPost"]["post"]


def _posts(samverka: Samverka, region: str) -> int:
    """Return how many posts a region's feed holds, whoever may see them."""
    (digest,) = [
        digest for digest in json.loads(samverka("digest", "--region", region, "--json")) if "feed" in digest["name"]
    ]
    return int({table["table"]: table["rows"] for table in digest["tables"]}["posts"])


def _is_well_and_at_rest(samverka: Samverka) -> bool:
    """Whether all is well, nothing was started again, and every replica has applied all that there is."""
    status = json.loads(samverka("status", "--json", fails=True))
    assert {process["restarts"] for process in status["processes"]} == {0}
    reached = {int(projection["position"].rpartition(":")[2] or 0) for projection in status["projections"]}
    return bool(status["well"]) and reached == {status["logs"][0]["last_sequence"]}


def _tables(samverka: Samverka) -> dict[str, dict[str, tuple[int, str]]]:
    """Return what people made: not how far the log has come, which the region's own reports move too."""
    digests = json.loads(samverka("digest", "--region", "stockholm", "--json"))
    return {
        digest["name"]: {
            table["table"]: (table["rows"], table["sha256"])
            for table in digest["tables"]
            if table["table"] != "origins"
        }
        for digest in digests
        if digest["service"] != NETWORK
    }


async def test_a_region_answers_and_goes_on_where_it_stopped(
    start: Start, samverka: Samverka, free_ports: FreePorts, data: Path
) -> None:
    port = free_ports.take()
    token = samverka("token", "--region", "stockholm", "--as", "maja").strip()
    seen = []
    for _ in range(2):  # the demo is loaded twice, the second time in vain
        network = start("-m", "ops.cli", "up", "--data", str(data), "--port", str(port), "--replicas", "2", "--demo")
        network.read_until("The demo is loaded")
        await wait_until(lambda: _is_well_and_at_rest(samverka), seconds=SECONDS_MAX)
        feed = _ask(port, token, "{ viewer { id handle } homeFeed(first: 100) { edges { node { id body } } } }")
        assert feed["viewer"]["handle"] == "maja"
        assert len(feed["homeFeed"]["edges"]) > len(POSTS) // 2
        tables = _tables(samverka)
        assert tables["stockholm/feed-1"] == tables["stockholm/feed-2"]
        seen.append((feed, tables))
        assert network.end(signal.SIGTERM) == 0
    assert seen[0] == seen[1]


async def test_what_is_written_in_one_region_reaches_the_other_unless_the_link_is_cut(
    start: Start, samverka: Samverka, free_ports: FreePorts, data: Path
) -> None:
    port = first_of_free(2, free_ports)
    network = start("-m", "ops.cli", "up", "--data", str(data), "--port", str(port), "--regions", "stockholm,tokyo")
    network.read_until("tokyo is ready")
    token = samverka("token", "--region", "stockholm", "--as", "maja").strip()
    run = read_run(DataDir.at(data))
    assert run is not None
    async with SharedLog.of(DataDir.at(data), run, "tokyo") as tokyo:
        await tokyo.read("stockholm")
        _post(port, token, "before")
        await _comes(tokyo, "before")
        assert samverka("network", "cut", "stockholm", "tokyo") == "The link stockholm–tokyo is cut.\n"
        _post(port, token, "during")
        assert not any("during" in text for text in await tokyo.what_came())
        assert samverka("network", "heal", "tokyo", "stockholm") == "The link stockholm–tokyo is healed.\n"
        await _comes(tokyo, "during")
    await wait_until(lambda: _posts(samverka, "tokyo") == 2, seconds=SECONDS_MAX)
    assert network.end(signal.SIGTERM) == 0


async def _comes(log: SharedLog, text: str) -> None:
    """Wait until an entry comes that holds ``text``."""
    while text not in await log.next():
        pass
