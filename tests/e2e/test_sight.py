"""What a network of two regions tells of itself: metrics as the page about them says, and a request from end to end."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from ops.plan import SERVICES
from tests.e2e.network import ANSWER_SECONDS_MAX, CREATE_POST, Network, samverka, wait_until
from tests.e2e.sockets import WATCH, connect
from tests.support.collector import Collector, open_collector
from tests.support.metrics import BUCKET, families

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]
REGIONS = ("stockholm", "tokyo")
ARRIVES_SECONDS_MAX = 120.0
PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \|[^|]+\|([^|]*)\|", re.MULTILINE)

OF_THE_PROCESS = re.compile(r"process_|target_info")
ENDINGS = ("", "_total", "_seconds", "_bytes")
"""What may end a name on the page and not in OTLP."""
SENT_EVERY_MS = 1_000

TRACE = "0af7651916cd43dd8448eb211c80319c"
SENT_TRACE = "1bf7651916cd43dd8448eb211c80319c"

Described = dict[str, tuple[str, set[str]]]
"""Metrics by name: their type and their labels."""


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with open_collector() as collector:
        yield collector


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def network(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> AsyncIterator[Network]:
    """Return a network whose processes send to the collector what they show."""
    environment = {"SAMVERKA_OTLP_ENDPOINT": collector.endpoint, "OTEL_METRIC_EXPORT_INTERVAL": str(SENT_EVERY_MS)}
    data = tmp_path_factory.mktemp("network") / "data"
    network = Network(data=data, options=("--regions", ",".join(REGIONS)), environment=environment)
    try:
        await network.start()
        yield network
    finally:
        await network.stop()


def documented() -> Described:
    rows = ROW.findall(PAGE.read_text())
    return {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}


async def shown(network: Network) -> Described:
    """Return what all processes of the network show."""
    found: Described = {}
    async with httpx.AsyncClient(timeout=ANSWER_SECONDS_MAX) as http:
        for address in network.metrics():
            for family in families((await http.get(address)).text):
                name = f"{family.name}_total" if family.type == "counter" else family.name
                _, labels = found.setdefault(name, (family.type, set()))
                labels |= {label for sample in family.samples for label in sample.labels} - {BUCKET}
    return found


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a process is described by what Linux tells of it")
async def test_the_metrics_of_a_running_network_are_those_of_the_page(network: Network) -> None:
    async with network.client("anna") as anna, connect(network, network.token("anna")) as socket:
        await socket.next_of("connection_ack")
        await anna.create_post("before anybody watched", "before")
        edges = (await anna.ask("{ homeFeed { edges { cursor } } }"))["homeFeed"]["edges"]
        await anna.create_post("to be seen everywhere", "seen")
        after = {"after": edges[0]["cursor"]}
        await socket.send(id="1", type="subscribe", payload={"query": WATCH, "variables": after})
        await socket.next_of("next")
        assert await anna.home_feed()
        refused = await anna.answer('mutation { deletePost(input: {postId: "nonsense"}) { errors { code } } }')
        assert refused["data"]["deletePost"]["errors"]

        async def everything_has_happened() -> bool:
            return (await shown(network)).keys() >= documented().keys()

        await wait_until(everything_has_happened, seconds=ARRIVES_SECONDS_MAX)
    page = documented()
    for name, described in (await shown(network)).items():
        assert described == page.get(name), name


async def test_a_collector_is_sent_what_is_shown_under_the_names_of_the_page(
    network: Network, collector: Collector
) -> None:
    shown_here = {name for name in await shown(network) if not OF_THE_PROCESS.match(name)}
    processes = {(region, service) for region in REGIONS for service in ("gateway", *SERVICES)}

    def sent() -> set[str]:
        names = {name.replace(".", "_") for names in collector.metrics.values() for name in names}
        return {name + ending for name in names for ending in ENDINGS}

    assert "samverka_store_size_bytes" in shown_here
    await wait_until(
        lambda: shown_here <= sent() and collector.metrics.keys() == processes, seconds=ARRIVES_SECONDS_MAX
    )


async def test_a_collector_is_sent_the_spans_of_a_request_by_every_process_that_has_some(
    network: Network, collector: Collector
) -> None:
    async with network.client("anna") as anna:
        request = {"query": CREATE_POST, "variables": {"body": "to be sent", "key": "sent"}}
        await anna.http.post("/graphql", json=request, headers={"traceparent": f"00-{SENT_TRACE}-b7ad6b7169203331-01"})

    def sent(region: str, service: str) -> set[str]:
        return collector.spans.get((SENT_TRACE, region, service), set())

    def all_are_there() -> bool:
        applied = all("apply PostPublished" in sent(region, "feed") for region in REGIONS)
        return applied and "graphql" in sent("stockholm", "gateway") and "append" in sent("stockholm", "feed")

    await wait_until(all_are_there, seconds=ARRIVES_SECONDS_MAX)


async def test_a_request_is_followed_through_the_log_to_the_projections_of_all_regions(network: Network) -> None:
    async with network.client("anna") as anna:
        request = {"query": CREATE_POST, "variables": {"body": "to be followed", "key": "followed"}}
        await anna.http.post("/graphql", json=request, headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"})

    def spans() -> list[tuple[int, str, str, str]]:
        told = samverka("trace", TRACE, "--json", data=network.data, fails=True)
        found = json.loads(told)["spans"] if told else []
        return [(span["depth"], span["region"], span["service"], span["name"]) for span in found]

    wanted = [
        (0, "stockholm", "gateway", "graphql"),
        (1, "stockholm", "feed", "samverka.feed.v1.FeedService/PublishPost"),
        (2, "stockholm", "feed", "append"),
        (3, "stockholm", "feed", "apply PostPublished"),
        (3, "tokyo", "feed", "apply PostPublished"),
    ]
    await wait_until(lambda: set(wanted) <= set(spans()), seconds=ARRIVES_SECONDS_MAX)
    assert sorted(span for span in spans() if span in wanted) == wanted  # regions do not wait for each other


async def test_the_last_request_is_shown_as_a_table(network: Network) -> None:
    rows = [
        r"\d ms +stockholm/gateway +graphql",
        *(rf"\d ms +{region}/feed +└ apply PostPublished" for region in REGIONS),
    ]

    def shown() -> bool:
        table = samverka("trace", "--last", data=network.data, fails=True)
        return all(re.search(row, table) for row in rows)

    async with network.client("anna") as anna:
        await anna.create_post("the last one", "last")
    await wait_until(shown, seconds=ARRIVES_SECONDS_MAX)
