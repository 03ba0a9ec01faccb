"""The network as the caller's region sees it, the erasure of people, and where a post has arrived."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from enum import Enum
from typing import Any

import strawberry

from gateway.compiling import computed
from gateway.schema.pages import Info, as_type, by_id, field, mutation, subscription
from gateway.schema.payloads import UserError, attempt, idempotency_key
from gateway.schema.scalars import BigInt, DateTime
from samverka.feed.v1 import feed_views_pb2 as feed_views
from samverka.network.v1 import network_views_pb2 as network_views


@strawberry.enum(description="What is heard from a peer: nothing yet, something now, nothing now.")
class LinkState(Enum):
    NEVER = network_views.LINK_STATE_NEVER
    CONNECTED = network_views.LINK_STATE_CONNECTED
    SILENT = network_views.LINK_STATE_SILENT


@strawberry.enum
class ErasureState(Enum):
    WAITING = network_views.ERASURE_STATE_WAITING
    DONE = network_views.ERASURE_STATE_DONE


@strawberry.enum
class DeliveryState(Enum):
    WAITING = feed_views.DELIVERY_STATE_WAITING
    ARRIVED = feed_views.DELIVERY_STATE_ARRIVED


def _link_state(peer: strawberry.Parent[Any]) -> LinkState:
    return LinkState(peer.state)


def _erasure_state(region: strawberry.Parent[Any]) -> ErasureState:
    return ErasureState(region.state)


def _delivery_state(delivery: strawberry.Parent[Any]) -> DeliveryState:
    return DeliveryState(delivery.state)


def _time(ms: int) -> DateTime | None:
    return DateTime(ms) if ms else None


def _at(done: strawberry.Parent[Any]) -> DateTime | None:
    return _time(done.at_ms)


def _last_contact_at(peer: strawberry.Parent[Any]) -> DateTime | None:
    return _time(peer.last_contact_at_ms)


def _reported_at(peer: strawberry.Parent[Any]) -> DateTime | None:
    return _time(peer.reported_at_ms)


def _ordered_at(erasure: strawberry.Parent[Any]) -> DateTime:
    return DateTime(erasure.ordered_at_ms)


def _events_behind(peer: strawberry.Parent[Any]) -> BigInt | None:
    return BigInt(peer.events_behind) if peer.HasField("events_behind") else None


@strawberry.type(description="Another region, and the link to it. Numbers of events are those of their origin's log.")
class Peer:
    region: str
    state: LinkState = computed(_link_state)
    last_contact_at: DateTime | None = computed(_last_contact_at)
    events_behind: BigInt | None = computed(
        _events_behind, description="Events of the peer that are still to come here; null while nothing is heard of it."
    )
    held_sequence: BigInt = strawberry.field(description="The last event of the peer that is held here.")
    holds_of_ours: BigInt = strawberry.field(description="The last event of this region that the peer says it holds.")
    reported_at: DateTime | None = computed(_reported_at, description="When it said so, by its own clock.")
    refused_events: BigInt = strawberry.field(description="Events from the peer that it had no right to.")


@strawberry.type(description="Something that an operator must look at; each code has a runbook.")
class NetworkAlarm:
    code: str
    region: str
    message: str


@strawberry.type(description="Events of one actor that were refused for one reason.")
class RefusedEvents:
    origin: str
    actor: str
    reason: str
    events: BigInt


@strawberry.type
class Network:
    region: str
    peers: list[Peer]
    alarms: list[NetworkAlarm]
    refusals: list[RefusedEvents] = strawberry.field(description="For admins; empty for others.")


@strawberry.type
class RegionErasure:
    region: str
    state: ErasureState = computed(_erasure_state)
    at: DateTime | None = computed(_at)


@strawberry.type(description="The removal of a person's content and personal data from every region, for good.")
class Erasure:
    id: strawberry.ID
    person_id: strawberry.ID
    ordered_at: DateTime = computed(_ordered_at)
    regions: list[RegionErasure]


@strawberry.type
class Delivery:
    region: str
    state: DeliveryState = computed(_delivery_state)
    at: DateTime | None = computed(
        _at, description="When the region reported it, by its own clock; null where that is not known any more."
    )


@strawberry.type
class NetworkQuery:
    @field("The network as this region sees it.")
    async def network(self, info: Info) -> Network | None:
        return as_type(Network, await info.context.backend.network.network(info.context.talk))

    @field("How far an erasure has come; for admins, and for the person until they are let in no more.")
    async def erasure(self, info: Info, id: strawberry.ID) -> Erasure | None:
        with by_id():
            return as_type(Erasure, await info.context.backend.network.erasure(info.context.talk, erasure_id=id))


@strawberry.input
class RequestErasureInput:
    person_id: strawberry.ID
    idempotency_key: str | None = None


@strawberry.type
class RequestErasurePayload:
    erasure: Erasure | None
    errors: list[UserError]


@strawberry.type
class NetworkMutation:
    @mutation("Have yourself, or as an admin somebody of your region, erased everywhere and for good.")
    async def request_erasure(self, info: Info, input: RequestErasureInput) -> RequestErasurePayload:
        context, key = info.context, idempotency_key(info, input.idempotency_key)
        erasure, errors = await attempt(
            info, context.backend.network.order_erasure(context.talk, key=key, person_id=input.person_id)
        )
        return RequestErasurePayload(erasure=None if erasure is None else as_type(Erasure, erasure), errors=errors)


@strawberry.type
class NetworkSubscription:
    @subscription("The network now and whenever it changes, every second at most; ends when your token does.")
    async def network_updates(self, info: Info) -> AsyncGenerator[Network, None]:
        async with aclosing(info.context.watch_network()) as networks:
            async for network in networks:
                yield as_type(Network, network)
