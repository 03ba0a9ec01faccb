"""The text of a nats-server's configuration file.

The log is only as good as its disk writes: with ``sync_interval: always`` an acknowledged event is on the disk. With
the default of two minutes a power cut loses acknowledged events (Jepsen, NATS 2.12.1), and an origin that lost its tail
uses sequences again that its peers have seen.

What can only be changed by a restart stands first; remotes and accounts, which a reload changes, last.
"""

from __future__ import annotations

from ops.nats.accounts import ACCOUNTS, account_of, render_accounts
from ops.nats.quoting import quoted, quoted_list
from ops.nats.server import SERVER_NAME_VARIABLE, Dialled, Leafnodes, NatsServer, Peer, TlsFiles

_PAYLOAD_BYTES_MAX = 1024 * 1024
"""An event (at most 256 KiB, services.chassis.limits) and its headers, with room to grow."""
_CONNECTIONS_MAX = 1_000
_MEMORY_STORE_BYTES_MAX = 64 * 1024 * 1024
_PING_SECONDS = 10
_PINGS_LOST_MAX = 2
"""A line that is cut without a word is noticed within half a minute; by default it would be six minutes."""
_DIAL_AGAIN_SECONDS = 1
_TLS_HANDSHAKE_SECONDS_MAX = 5
_FIRST_INFO_SECONDS_MAX = 5
LAME_DUCK_SECONDS = 30
"""How long a server of several takes to hand its clients over before it ends; the shortest that there is."""
_LAME_DUCK_GRACE_SECONDS = 5
_REMOTES = "  remotes: ["


def render(server: NatsServer) -> str:
    """Return the text of the configuration file; Failure if a path or an address cannot stand in one."""
    parts = (
        _render_server(server),
        _render_cluster(server),
        _render_leafnodes(server.leafnodes),
        render_accounts(server),
    )
    return "".join(parts)


def fixed_part(configuration: str) -> str:
    """Return the part of a rendered configuration that only a restart changes."""
    for beginning in (_REMOTES, ACCOUNTS):
        fixed, found, _ = configuration.partition(f"\n{beginning}\n")
        if found:
            return fixed
    return configuration


def _render_server(server: NatsServer) -> str:
    monitor = f"http: {quoted(server.monitor_listen)}\n" if server.monitor_listen else ""
    name = f"${SERVER_NAME_VARIABLE}  # of the environment" if server.cluster else quoted(server.region)
    return f"""\
# The log of the region {server.region}. Written by `samverka`: changes are lost.
server_name: {name}
listen: {quoted(server.client_listen)}
{monitor}\
max_payload: {_PAYLOAD_BYTES_MAX}
max_connections: {_CONNECTIONS_MAX}
ping_interval: "{_PING_SECONDS}s"
ping_max: {_PINGS_LOST_MAX}
jetstream {{
  domain: {quoted(server.region)}
  store_dir: {quoted(str(server.store))}
  sync_interval: always  # an acknowledged event is on the disk
  max_memory_store: {_MEMORY_STORE_BYTES_MAX}
}}
"""


def _render_cluster(server: NatsServer) -> str:
    cluster = server.cluster
    if cluster is None:
        return ""
    routes = quoted_list(f"nats-route://{route}" for route in cluster.routes)
    return f"""\
lame_duck_duration: "{LAME_DUCK_SECONDS}s"
lame_duck_grace_period: "{_LAME_DUCK_GRACE_SECONDS}s"
cluster {{
  name: {quoted(server.region)}
  listen: {quoted(cluster.listen)}
  routes: {routes}
  tls {{ {_tls(cluster.tls)}, verify: true, timeout: {_TLS_HANDSHAKE_SECONDS_MAX} }}
}}
"""


def _render_leafnodes(leafnodes: Leafnodes | None) -> str:
    if leafnodes is None:
        return ""
    remotes = "".join(
        _render_remote(peer, peer.link, leafnodes.tls) for peer in leafnodes.peers if isinstance(peer.link, Dialled)
    )
    return f"""\
leafnodes {{
  listen: {quoted(leafnodes.listen)}
  no_advertise: true
  isolate_leafnode_interest: true  # one peer's interest is never carried to another
  reconnect: "{_DIAL_AGAIN_SECONDS}s"
  tls {{ {_tls(leafnodes.tls)}, verify: true, timeout: {_TLS_HANDSHAKE_SECONDS_MAX} }}
{_REMOTES}
{remotes}\
  ]
}}
"""


def _render_remote(peer: Peer, link: Dialled, tls: TlsFiles) -> str:
    return f"""\
    {{
      urls: {quoted_list(link.urls)}
      account: {account_of(peer.region)}
      include {quoted(str(link.seed_include))}  # the seed
      first_info_timeout: "{_FIRST_INFO_SECONDS_MAX}s"
      tls {{ {_tls(tls)} }}
    }}
"""


def _tls(files: TlsFiles) -> str:
    return (
        f"cert_file: {quoted(str(files.certificate))}, key_file: {quoted(str(files.key))},"
        f" ca_file: {quoted(str(files.authority))}"
    )
