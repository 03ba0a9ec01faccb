"""What scripts of other people rely on, used as they would."""

from __future__ import annotations

import subprocess
from pathlib import Path

import httpx
import psutil
import pytest

from tests.e2e.network import COMMAND_SECONDS_MAX, SAMVERKA, Network, samverka

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]


async def test_a_token_is_all_that_token_prints(network: Network) -> None:
    printed = samverka("token", "--region", "stockholm", "--as", "anna", data=network.data)

    assert len(printed.split()) == 1
    assert printed.count(".") == 2


async def test_a_person_is_made_at_their_first_request(network: Network) -> None:
    async with network.client("anna") as anna:
        viewer = (await anna.ask("{ viewer { id handle } }"))["viewer"]

        assert viewer["handle"] == "anna"
        assert viewer["id"].startswith("stockholm_")
        assert (await anna.ask("{ viewer { id handle } }"))["viewer"] == viewer


async def test_a_post_reaches_those_who_follow_its_author(network: Network) -> None:
    async with network.client("cilla") as cilla, network.client("david") as david:
        author = (await cilla.ask("{ viewer { id } }"))["viewer"]["id"]
        follow = (
            'mutation ($id: ID!) { followPerson(input: {personId: $id, idempotencyKey: "follow"})'
            " { errors { code message field } } }"
        )
        assert (await david.ask(follow, id=author))["followPerson"]["errors"] == []
        created = await cilla.create_post("God morgon, Tokyo!", "first")
        assert created["errors"] == []
        assert created["post"]["body"] == "God morgon, Tokyo!"
        assert created["post"]["author"] == {"id": author, "handle": "cilla"}

        assert [post["id"] for post in await david.home_feed()] == [created["post"]["id"]]

        delete = (
            'mutation ($id: ID!) { deletePost(input: {postId: $id, idempotencyKey: "delete"})'
            " { errors { code message field } } }"
        )
        refused = (await david.ask(delete, id=created["post"]["id"]))["deletePost"]["errors"]
        assert [(error["code"], error["field"]) for error in refused] == [("not_author", "postId")]
        assert (await cilla.ask(delete, id=created["post"]["id"]))["deletePost"]["errors"] == []
        assert await david.home_feed() == []


async def test_a_repeated_request_has_one_effect(network: Network) -> None:
    async with network.client("erik") as erik:
        first = await erik.create_post("once", "same-key")
        again = await erik.create_post("once", "same-key")
        other = await erik.create_post("another text", "same-key")

        assert again == first
        assert [error["code"] for error in other["errors"]] == ["idempotency_key_reused"]
        assert len(await erik.home_feed()) == 1


async def test_status_says_that_all_is_well(network: Network) -> None:
    status = network.status()

    assert {process["name"].rpartition("/")[2] for process in status["processes"]} >= {"nats", "gateway"}
    assert all(process["pid"] for process in status["processes"])


async def test_a_busy_port_is_one_clear_line(network: Network, tmp_path: Path) -> None:
    done = subprocess.run(
        [SAMVERKA, "up", "--data", str(tmp_path / "other"), "--port", str(network.port)],
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS_MAX,
        check=False,
    )

    assert done.returncode == 1
    assert str(network.port) in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["up", "--regions", "Not A Region"], ["up", "--port", "0"], ["token", "--region", "stockholm"], ["nothing"]],
    ids=lambda arguments: " ".join(arguments),
)
async def test_bad_usage_exits_with_2(arguments: list[str]) -> None:
    done = subprocess.run([SAMVERKA, *arguments], capture_output=True, timeout=COMMAND_SECONDS_MAX, check=False)

    assert done.returncode == 2


async def test_after_a_stop_it_goes_on_where_it_was_and_leaves_nothing_behind(tmp_path: Path) -> None:
    network = Network(data=tmp_path / "a folder with spaces")
    await network.start()
    try:
        async with network.client("anna") as anna:
            post = (await anna.create_post("still here tomorrow", "k"))["post"]
        pids = list(network.pids().values())
        assert await network.stop() == 0
        assert not [pid for pid in pids if psutil.pid_exists(pid)]
        with pytest.raises(httpx.ConnectError):
            httpx.get(network.url)

        network.move()
        await network.start()
        async with network.client("anna") as anna:
            assert [found["id"] for found in await anna.home_feed()] == [post["id"]]
    finally:
        await network.stop()
