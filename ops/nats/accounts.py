"""The accounts of a region's server, and all that a peer may do in them.

APP holds the log. Each peer has an account of its own, PEER_<Y>, to which its link is bound: a porch that nothing else
stands on. Three things pass through it each way: making a consumer of exactly one filter on the log of the other end, the
flow control of that consumer, and its deliveries. A subject with the stream and the filter in it is what pins them, so
a source has one filter and no more. The prefix is ``FED.<y>.API``: with ``$JS.<domain>.API`` requests time out.

Entries must not be delivered to a literal subject that somebody in APP answers: a peer chooses its delivery subject.
So nothing in APP answers requests but JetStream itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from ops.nats.quoting import quoted, quoted_list
from ops.nats.server import Accepted, NatsServer, Peer
from services.chassis.eventlog.subjects import stream_name

ACCOUNTS = "system_account: SYS"
"""The line with which this part begins."""
_INDENT = " " * 6


def account_of(peer: str) -> str:
    """Return the name of the account that a peer's link is bound to."""
    return "PEER_" + peer.upper().replace("-", "_")


def source_api(origin: str) -> str:
    """Return the API prefix by which a source of ``origin`` is asked for, in every other region."""
    return f"FED.{origin}.API"


def source_request(origin: str, consumer: str = "*") -> str:
    """Return the one request that a peer may make of ``origin``, below the API prefix."""
    return f"CONSUMER.CREATE.{stream_name(origin)}.{consumer}.ev.{origin}.pub.>"


def delivery(origin: str, reader: str) -> str:
    """Return the prefix of the subjects on which ``origin`` delivers its entries to ``reader``."""
    return f"fed.{origin}.{reader}"


def render_accounts(server: NatsServer) -> str:
    """Return the part of the configuration that a reload can change."""
    peers = "".join(_render_porch(server.region, peer) for peer in server.peers)
    return f"""\
{ACCOUNTS}
accounts {{
  SYS {{ users: [{_users(server.users.system)}] }}
{_render_app(server)}\
{peers}\
}}
"""


def _render_app(server: NatsServer) -> str:
    region, peers = server.region, [peer.region for peer in server.peers]
    return f"""\
  APP {{
    jetstream: enabled
    users: [
{_with_permissions(server.users.services, _services_may(region))}\
{_with_permissions(server.users.keeper, _keeper_may(region, peers))}\
    ]
    exports: [
{_lines(export for peer in peers for export in _app_exports(region, peer))}\
    ]
    imports: [
{_lines(item for peer in peers for item in _app_imports(region, peer))}\
    ]
  }}
"""


def _app_exports(region: str, peer: str) -> list[str]:
    accounts = f"accounts: [{account_of(peer)}]"
    return [
        f"{{ service: {quoted(f'$JS.API.{source_request(region)}')}, {accounts} }}",
        f"{{ service: {quoted(f'$JS.FC.{stream_name(region)}.>')}, {accounts} }}",
        f"{{ stream: {quoted(f'{delivery(region, peer)}.>')}, {accounts} }}",
    ]


def _app_imports(region: str, peer: str) -> list[str]:
    account = f"account: {account_of(peer)}"
    return [
        f"{{ service: {{ {account}, subject: {quoted(f'{source_api(peer)}.{source_request(peer)}')} }} }}",
        f"{{ service: {{ {account}, subject: {quoted(f'$JS.FC.{stream_name(peer)}.>')} }} }}",
        f"{{ stream: {{ {account}, subject: {quoted(f'{delivery(peer, region)}.>')} }} }}",
    ]


def _render_porch(region: str, peer: Peer) -> str:
    keys = peer.link.keys if isinstance(peer.link, Accepted) else ()
    return f"""\
  {account_of(peer.region)} {{
    users: [{_users(keys, ', allowed_connection_types: ["LEAFNODE"]')}]
    imports: [
{_lines(_asked_of_us(region, peer.region))}\
    ]
    exports: [
{_lines(_asked_by_us(region, peer.region))}\
    ]
  }}
"""


def _asked_of_us(region: str, peer: str) -> list[str]:
    request = source_request(region)
    api = f"{{ account: APP, subject: {quoted(f'$JS.API.{request}')} }}"
    return [
        f"{{ service: {api}, to: {quoted(f'{source_api(region)}.{request}')} }}",
        f"{{ service: {{ account: APP, subject: {quoted(f'$JS.FC.{stream_name(region)}.>')} }} }}",
        f"{{ stream: {{ account: APP, subject: {quoted(f'{delivery(region, peer)}.>')} }} }}",
    ]


def _asked_by_us(region: str, peer: str) -> list[str]:
    return [
        f"{{ service: {quoted(f'{source_api(peer)}.{source_request(peer)}')}, accounts: [APP] }}",
        f"{{ service: {quoted(f'$JS.FC.{stream_name(peer)}.>')}, accounts: [APP] }}",
        f"{{ stream: {quoted(f'{delivery(peer, region)}.>')}, accounts: [APP] }}",
    ]


def _services_may(region: str) -> list[str]:
    """Return what services publish: events of their region, and requests about its log that change no setting."""
    stream = stream_name(region)
    return [
        f"ev.{region}.>",
        "$JS.API.INFO",
        f"$JS.API.STREAM.CREATE.{stream}",
        f"$JS.API.STREAM.INFO.{stream}",
        f"$JS.API.STREAM.MSG.GET.{stream}",
        f"$JS.API.DIRECT.GET.{stream}",
        f"$JS.API.DIRECT.GET.{stream}.>",
        f"$JS.API.CONSUMER.*.{stream}",
        f"$JS.API.CONSUMER.*.{stream}.>",
        f"$JS.API.CONSUMER.MSG.NEXT.{stream}.*",
        f"$JS.ACK.{stream}.>",
        f"$JS.FC.{stream}.>",
    ]


def _keeper_may(region: str, peers: Iterable[str]) -> list[str]:
    """Return what the keeper publishes: all that services may, the log's sources, erasures, backups, a word to each peer."""
    stream = stream_name(region)
    return [
        *_services_may(region),
        f"$JS.API.STREAM.UPDATE.{stream}",
        f"$JS.API.STREAM.MSG.DELETE.{stream}",
        f"$JS.API.STREAM.SNAPSHOT.{stream}",
        f"$JS.SNAPSHOT.ACK.{stream}.>",
        f"$JS.API.STREAM.RESTORE.{stream}",
        f"$JS.SNAPSHOT.RESTORE.{stream}.>",
        *(f"{source_api(peer)}.{source_request(peer)}" for peer in peers),
    ]


def _with_permissions(keys: Iterable[str], publish: Iterable[str]) -> str:
    permissions = f'publish: {{ allow: {quoted_list(publish)} }}, subscribe: {{ allow: ["_INBOX.>"] }}'
    return _lines(f"{{ nkey: {quoted(key)}, permissions: {{ {permissions} }} }}" for key in keys)


def _users(keys: Iterable[str], more: str = "") -> str:
    return ", ".join(f"{{ nkey: {quoted(key)}{more} }}" for key in keys)


def _lines(items: Iterable[str]) -> str:
    return "".join(f"{_INDENT}{item}\n" for item in items)
