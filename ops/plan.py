"""Who stands where on this machine: every region, link and port of one network, chosen once for as long as it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ops.dirs import DataDir
from ops.failure import Failure
from ops.ports import LOOPBACK, FreePorts, is_free

REGIONS_MAX = 16
"""Regions that run on one machine."""
NETWORK = "network"
"""The service that keeps what a region takes from its peers; it alone is the log's keeper."""
SERVICES = ("profile", "feed", "recognition", "search", NETWORK)
"""The services of a region, in the order in which they are shown; each is a package ``services.<name>``."""


@dataclass(frozen=True, slots=True)
class RegionPlan:
    """One region with its ports; ``replicas`` maps each service to the addresses of its replicas."""

    region: str
    gateway_port: int
    nats_client_port: int
    nats_monitor_port: int
    nats_leaf_port: int
    replicas: Mapping[str, Sequence[Mapping[str, str]]]

    @property
    def nats_url(self) -> str:
        return f"nats://{LOOPBACK}:{self.nats_client_port}"

    @property
    def nats_monitor_url(self) -> str:
        return f"http://{LOOPBACK}:{self.nats_monitor_port}"

    @property
    def gateway(self) -> str:
        return f"{LOOPBACK}:{self.gateway_port}"

    @property
    def url(self) -> str:
        return f"http://{self.gateway}"


@dataclass(frozen=True, slots=True)
class LinkPlan:
    """The link of two regions: ``dialler`` connects to ``port``, behind which the leaf listener of ``listener`` is."""

    listener: str
    dialler: str
    port: int
    leaf_port: int

    @property
    def name(self) -> str:
        return f"{self.listener}–{self.dialler}"

    @property
    def ends(self) -> frozenset[str]:
        return frozenset((self.listener, self.dialler))

    @property
    def listen(self) -> tuple[str, int]:
        return LOOPBACK, self.port

    @property
    def target(self) -> tuple[str, int]:
        return LOOPBACK, self.leaf_port


@dataclass(frozen=True, slots=True)
class NetworkPlan:
    """All regions of one machine, the links between them, and the issuer that they share."""

    data: DataDir
    issuer_port: int
    regions: Sequence[RegionPlan] = ()
    links: Sequence[LinkPlan] = ()

    @property
    def issuer_url(self) -> str:
        return issuer_url(self.issuer_port)

    @property
    def names(self) -> list[str]:
        return [region.region for region in self.regions]

    def joined_by(self, region: RegionPlan, *, ports: FreePorts) -> NetworkPlan:
        """Return the plan with one more region, linked to all others: it dials, so that nobody has to be told to."""
        links = [
            LinkPlan(listener=peer.region, dialler=region.region, port=ports.take(), leaf_port=peer.nats_leaf_port)
            for peer in self.regions
        ]
        return replace(self, regions=[*self.regions, region], links=[*self.links, *links])

    def left_by(self, name: str) -> NetworkPlan:
        """Return the plan without a region and its links."""
        return replace(
            self,
            regions=[region for region in self.regions if region.region != name],
            links=[link for link in self.links if name not in link.ends],
        )


def issuer_url(port: int) -> str:
    return f"http://{LOOPBACK}:{port}"


def plan_region(region: str, *, gateway_port: int, replicas: int, ports: FreePorts) -> RegionPlan:
    """Choose the region's ports; they stay the same for as long as ``up`` runs."""
    return RegionPlan(
        region=region,
        gateway_port=gateway_port,
        nats_client_port=ports.take(),
        nats_monitor_port=ports.take(),
        nats_leaf_port=ports.take(),
        replicas={
            service: [
                {name: f"{LOOPBACK}:{ports.take()}" for name in ("grpc", "health", "admin", "metrics")}
                for _ in range(replicas)
            ]
            for service in SERVICES
        },
    )


def check_gateway_port(region: str, port: int) -> None:
    """See that the port that a gateway is promised is free; Failure, in one line, if it is not."""
    if not is_free(port):
        raise Failure(f"Port {port}, where the gateway of {region} should listen, is taken. Choose others by --port.")
