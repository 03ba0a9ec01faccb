"""The configuration of a network on one machine: what `samverka network` writes, with links that go through proxies."""

from __future__ import annotations

import asyncio

from ops.dirs import make_private
from ops.failure import Failure
from ops.nats.asking import ask_peers
from ops.nats.keys import Entropy
from ops.nats.reloading import reload_server
from ops.network.changes import compare
from ops.network.description import Link, Network, Region
from ops.network.keyring import Keyring
from ops.network.preparing import prepare
from ops.network.writing import write
from ops.plan import LinkPlan, NetworkPlan, RegionPlan
from ops.ports import LOOPBACK
from services.chassis.clock import Clock

_NAME = "local"


class LocalConfiguration:
    """Writes and reloads what the servers of this machine read."""

    def __init__(self, *, nats_program: str, entropy: Entropy, clock: Clock) -> None:
        self._nats_program = nats_program
        self._entropy = entropy
        self._clock = clock

    def write(self, plan: NetworkPlan) -> None:
        """Write what changed; Failure, and nothing is touched, if nats-server refuses it."""
        ports = {(link.dialler, link.listener): link.port for link in plan.links}
        prepared = prepare(
            describe(plan),
            Keyring(plan.data, self._entropy),
            plan.data,
            now_ms=self._clock.wall_ms(),
            dial=lambda link: f"nats-leaf://{LOOPBACK}:{ports[link.dialler, link.accepter]}",
        )
        write(prepared, compare(prepared), nats_program=self._nats_program)
        for region in plan.regions:
            make_private(plan.data.region(region.region).nats_store)

    async def reload(self, region: RegionPlan, *, pid: int) -> None:
        """Make a running server read its configuration again; Failure if it does not."""
        await reload_server(pid, monitor_url=region.nats_monitor_url)

    async def all_answer(self, plan: NetworkPlan, name: str) -> bool:
        """Whether all regions answer ``name`` over their links, and it answers them."""
        others = [region for region in plan.names if region != name]
        try:
            answers = await asyncio.gather(
                *(
                    ask_peers(
                        region.nats_url,
                        plan.data.region(region.region).keeper_seed,
                        others if region.region == name else [name],
                    )
                    for region in plan.regions
                )
            )
        except Failure:  # a server that is being started again answers later
            return False
        return all(answer for by_peer in answers for answer in by_peer.values())


def describe(plan: NetworkPlan) -> Network:
    """Return the plan as `samverka network` would read it from a description."""
    return Network(_NAME, tuple(map(_region, plan.regions)), tuple(map(_link, plan.links)))


def _region(plan: RegionPlan) -> Region:
    leaf = f"{LOOPBACK}:{plan.nats_leaf_port}"
    return Region(
        plan.region,
        leaf=leaf,
        leaf_listen=leaf,
        client_listen=f"{LOOPBACK}:{plan.nats_client_port}",
        monitor_listen=f"{LOOPBACK}:{plan.nats_monitor_port}",
    )


def _link(plan: LinkPlan) -> Link:
    return Link(dialler=plan.dialler, accepter=plan.listener)
