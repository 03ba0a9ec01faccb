"""How one process calls another: a channel that spreads calls over replicas and repeats what is safe to repeat."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import grpc
import orjson

from services.chassis import limits
from services.chassis.errors import from_status

ATTEMPTS_MAX = 3
METADATA_BYTES_MAX = 16 * 1024
"""A token is up to 8 KiB, and gRPC's own bound for all metadata is the same 8 KiB."""
KEEPALIVE_SECONDS = 30
KEEPALIVE_TIMEOUT_SECONDS = 10
_RECONNECT_MS_MIN = 100
_RECONNECT_MS_MAX = 5_000
_RESOLVE_AGAIN_MS = 5_000


def open_channel(target: str, *, safe_methods: Iterable[str] = ()) -> grpc.aio.Channel:
    """Return a channel to ``target``, such as ``dns:///feed:50051`` or ``ipv4:127.0.0.1:1,127.0.0.1:2``; close it.

    ``safe_methods`` are full names, such as ``samverka.feed.v1.FeedService/GetPost``: reads, which are tried again, up to
    ATTEMPTS_MAX times within the call's deadline, when a replica is unavailable. Nothing else ever is, past what never
    left this process.
    """
    return grpc.aio.insecure_channel(target, options=channel_options(safe_methods=safe_methods))


async def call(method: Any, request: Any, *, metadata: Any, timeout_seconds: float = limits.QUERY_SECONDS_MAX) -> Any:
    """Return the answer of a unary ``method`` of a stub; a SamverkaError if it ended in one, Unavailable past the time."""
    try:
        return await method(request, metadata=metadata, timeout=timeout_seconds)
    except grpc.aio.AioRpcError as error:
        raise from_status(error) from error


def channel_options(*, safe_methods: Iterable[str] = ()) -> list[tuple[str, Any]]:
    """Return the options of a channel."""
    return [
        ("grpc.service_config", orjson.dumps(service_config(safe_methods)).decode()),
        ("grpc.enable_retries", 1),
        ("grpc.max_send_message_length", limits.REQUEST_BYTES_MAX),
        ("grpc.max_receive_message_length", limits.RESPONSE_BYTES_MAX),
        ("grpc.max_metadata_size", METADATA_BYTES_MAX),
        ("grpc.absolute_max_metadata_size", METADATA_BYTES_MAX),
        ("grpc.keepalive_time_ms", KEEPALIVE_SECONDS * 1000),
        ("grpc.keepalive_timeout_ms", KEEPALIVE_TIMEOUT_SECONDS * 1000),
        # A replica that was restarted is found again in seconds; the default goes up to two minutes.
        ("grpc.initial_reconnect_backoff_ms", _RECONNECT_MS_MIN),
        ("grpc.max_reconnect_backoff_ms", _RECONNECT_MS_MAX),
        ("grpc.dns_min_time_between_resolutions_ms", _RESOLVE_AGAIN_MS),
    ]


def service_config(safe_methods: Iterable[str]) -> dict[str, Any]:
    """Return gRPC's service config (github.com/grpc/grpc/blob/master/doc/service_config.md)."""
    names = [_method_name(method) for method in safe_methods]
    config: dict[str, Any] = {
        "loadBalancingConfig": [{"round_robin": {}}],
        # When most calls fail, repeating them only adds to the load.
        "retryThrottling": {"maxTokens": 100, "tokenRatio": 0.1},
    }
    if names:
        config["methodConfig"] = [{"name": names, "retryPolicy": _RETRY_POLICY}]
    return config


_RETRY_POLICY = {
    "maxAttempts": ATTEMPTS_MAX,
    "initialBackoff": "0.05s",
    "maxBackoff": "0.5s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}


def _method_name(full_name: str) -> dict[str, str]:
    service, slash, method = full_name.lstrip("/").partition("/")
    if not slash or not service or not method:  # a name without a method would make every method of the service safe
        raise ValueError(f"{full_name!r} is not service/method")
    return {"service": service, "method": method}
