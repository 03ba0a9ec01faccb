"""Where an import goes: a region of the local network, or services named one by one, such as a cluster's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ops.dirs import DataDir
from ops.failure import Failure
from ops.importing.client import TokenSource
from ops.importing.limits import TOKEN_FILE_SECONDS, TOKEN_MARGIN_SECONDS, TOKEN_SECONDS
from ops.state import RunRecord, read_run
from ops.tokens import Bearer, make_token
from services.chassis.clock import Clock

_HANDLE = "importer"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The gRPC targets of a region's services, and who the importer is to them."""

    profile_target: str
    feed_target: str
    token: TokenSource


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where a region is read, and who the importer is to it."""

    url: str
    token: TokenSource


def local(data: DataDir, region: str, clock: Clock) -> Endpoints:
    """Return where ``samverka up`` runs ``region``; Failure if it does not."""
    run = _run(data)
    addresses: dict[str, list[str]] = {}
    for process in run.of_region(region):
        if "grpc" in process.addresses:
            addresses.setdefault(process.service, []).append(process.addresses["grpc"])
    if not {"profile", "feed"} <= addresses.keys():
        raise Failure(f"No region {region} runs on {data.root}; it runs {', '.join(sorted(run.urls)) or 'none'}.")

    return Endpoints(
        profile_target=f"ipv4:{','.join(addresses['profile'])}",
        feed_target=f"ipv4:{','.join(addresses['feed'])}",
        token=_issued(data, region, clock),
    )


def gateways(data: DataDir, clock: Clock) -> dict[str, Gateway]:
    """Return the gateways of all regions that ``samverka up`` runs; Failure if it runs none."""
    return {region: Gateway(url, _issued(data, region, clock)) for region, url in _run(data).urls.items()}


def _run(data: DataDir) -> RunRecord:
    run = read_run(data)
    if run is None:
        raise Failure(f"Nothing runs on {data.root}; start it with `samverka up --data {data.root}`.")
    return run


def _issued(data: DataDir, region: str, clock: Clock) -> TokenSource:
    bearer = Bearer(region=region, handle=_HANDLE, name="Importer", roles=(_HANDLE,))

    def issue() -> str:
        return make_token(data, bearer, lifetime_seconds=TOKEN_SECONDS, clock=clock)

    return renewed(issue, clock=clock, every_seconds=TOKEN_SECONDS - TOKEN_MARGIN_SECONDS)


def explicit(*, profile_target: str, feed_target: str, token_file: Path, clock: Clock) -> Endpoints:
    """Return endpoints as named by the operator; the file is read again and again, so that it can be renewed."""

    def read() -> str:
        try:
            token = token_file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Failure(f"{token_file} cannot be read as a token.") from error
        if not token.isprintable() or not token:
            raise Failure(f"{token_file} holds no token.")
        return token

    token = renewed(read, clock=clock, every_seconds=TOKEN_FILE_SECONDS)
    return Endpoints(profile_target=profile_target, feed_target=feed_target, token=token)


def renewed(issue: Callable[[], str], *, clock: Clock, every_seconds: float) -> TokenSource:
    """Return a source that keeps a token for ``every_seconds``; the first is fetched at once, so that faults show."""
    token, renew_at = issue(), clock.monotonic_seconds() + every_seconds

    def current() -> str:
        nonlocal token, renew_at
        if clock.monotonic_seconds() >= renew_at:
            token, renew_at = issue(), clock.monotonic_seconds() + every_seconds
        return token

    return current
