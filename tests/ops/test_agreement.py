"""Whether regions hold the same is told from what they hold, at the positions where that can be told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from ops.agreement import Agreement, Held, Verdict, agreements, as_text, between_regions, verdict_of, worst_between
from ops.dirs import DataDir
from ops.failure import Failure
from ops.state import Identity, ProcessRecord, RunRecord, State, write_run
from samverka.node.v1 import node_service_pb2 as pb
from samverka.node.v1 import node_service_pb2_grpc


def held(*rows: tuple[int, str]) -> list[Held]:
    return [Held(f"replica-{number}", sequence, sha256) for number, (sequence, sha256) in enumerate(rows)]


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        ([(7, "a")], Verdict.AGREE),
        ([(7, "a"), (7, "a"), (7, "a")], Verdict.AGREE),
        ([(7, "a"), (9, "a")], Verdict.AGREE),
        ([(7, "a"), (9, "b")], Verdict.NOT_AS_FAR),
        ([(7, "a"), (7, "b")], Verdict.DIFFER),
        ([(7, "a"), (9, "b"), (7, "c")], Verdict.DIFFER),
        ([(0, ""), (9, "b")], Verdict.NOT_AS_FAR),
    ],
)
def test_what_two_positions_say(rows: list[tuple[int, str]], verdict: Verdict) -> None:
    assert verdict_of(held(*rows)) is verdict


class Node(node_service_pb2_grpc.NodeServiceServicer):
    """A replica that holds these registers of tokyo: one digit for each of its people."""

    def __init__(self, sequence: int, registers: str) -> None:
        self.sequence = sequence
        self.registers = registers

    async def GetProjection(self, request: pb.GetProjectionRequest, context: Any) -> pb.GetProjectionResponse:
        raise NotImplementedError  # nobody here asks for it

    async def GetDigest(self, request: pb.GetDigestRequest, context: Any) -> pb.GetDigestResponse:
        origin = pb.OriginDigest(origin="tokyo", sequence=self.sequence, sha256=self.registers.encode())
        owners = [
            pb.OwnerDigest(owner=f"tokyo_{number}", sha256=digit.encode())
            for number, digit in enumerate(self.registers)
            if digit != "-"
        ]
        return pb.GetDigestResponse(origins=[origin], owners=owners if request.owners_of == "tokyo" else [])


@asynccontextmanager
async def running(data: DataDir, nodes: Sequence[Node]) -> AsyncIterator[None]:
    """Let a run of these replicas, each of a region of its own, be recorded in ``data``."""
    servers, records = [], []
    for number, node in enumerate(nodes):
        server = grpc.aio.server()
        node_service_pb2_grpc.add_NodeServiceServicer_to_server(node, server)
        address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        await server.start()
        servers.append(server)
        name, region = f"region-{number}/feed-1", f"region-{number}"
        records.append(ProcessRecord(name, region, "feed", State.READY, Identity.mine(), 0, {"admin": address}))
    write_run(data, RunRecord(Identity.mine(), "http://127.0.0.1:2", {}, records))
    try:
        yield
    finally:
        for server in servers:
            await server.stop(None)


async def test_where_regions_differ_the_owners_are_named(tmp_path: Path) -> None:
    data = DataDir.at(tmp_path)
    async with running(data, [Node(7, "aaa"), Node(7, "aba"), Node(7, "aa-"), Node(5, "zzz")]):
        (one,) = await agreements(data)
    assert (one.service, one.origin, one.verdict) == ("feed", "tokyo", Verdict.DIFFER)
    assert one.owners == ["tokyo_1", "tokyo_2"]
    assert "differs: tokyo_1" in as_text([one])


async def test_regions_that_hold_the_same_agree(tmp_path: Path) -> None:
    data = DataDir.at(tmp_path)
    async with running(data, [Node(7, "aaa"), Node(7, "aaa")]):
        (one,) = await agreements(data)
    assert (one.verdict, one.owners) == (Verdict.AGREE, [])
    assert as_text([one]) == "feed of tokyo: agree"


async def test_where_nothing_runs_it_fails_with_a_line(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="Nothing runs"):
        await agreements(DataDir.at(tmp_path))


async def test_of_two_regions_the_worst_is_told(tmp_path: Path) -> None:
    data = DataDir.at(tmp_path)
    async with running(data, [Node(7, "aaa"), Node(7, "aaa"), Node(9, "aab"), Node(7, "aac")]):
        said = await between_regions(data)
    pairs = {tuple(sorted(number[-1] for number in pair)): verdict for pair, verdict in said.items()}
    assert pairs == {
        ("0", "1"): Verdict.AGREE,
        ("0", "2"): Verdict.NOT_AS_FAR,
        ("0", "3"): Verdict.DIFFER,
        ("1", "2"): Verdict.NOT_AS_FAR,
        ("1", "3"): Verdict.DIFFER,
        ("2", "3"): Verdict.NOT_AS_FAR,
    }


def test_one_origin_of_one_service_that_differs_is_enough() -> None:
    good, bad = ([Held("a/feed-1", 7, "x"), Held("b/feed-1", 7, digest)] for digest in ("x", "y"))
    found = [
        Agreement("feed", origin, Verdict.AGREE, held, []) for origin, held in (("a", good), ("b", bad), ("c", good))
    ]
    assert worst_between(found) == {frozenset("ab"): Verdict.DIFFER}
