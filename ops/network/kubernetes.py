"""A region on Kubernetes: where ``deploy/k8s`` has its three servers and their files, and how a cluster is given them.

``kubernetes = true`` in the description says all of it at once. What ``deploy/k8s`` refers to and does not hold
(configuration, keys, certificate) comes from the region's folder by the kustomization that is written there.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

SERVERS = 3
DIRECTORY = Path("/etc/samverka")
STORE = Path("/var/lib/nats")
CLIENT_LISTEN = "0.0.0.0:4222"
MONITOR_LISTEN = "0.0.0.0:8222"
LEAF_LISTEN = "0.0.0.0:7422"
ROUTE_PORT = 6222
ROUTE_LISTEN = f"0.0.0.0:{ROUTE_PORT}"
ROUTES = tuple(f"nats-{number}.nats-peers:{ROUTE_PORT}" for number in range(SERVERS))
"""Pod by pod of the StatefulSet ``nats``, behind the headless Service ``nats-peers``."""


def kustomization(peers_dialled: Iterable[str]) -> str:
    """Return the kustomization that makes of a region's folder what ``deploy/k8s`` refers to.

    The operator's own key (``system.nk``) stays out of the cluster.
    """
    links = [f"      - links/{peer}.conf\n" for peer in peers_dialled]
    if links:
        links.insert(0, "  - name: nats-links\n    files:\n")
    return f"""\
# Written by `samverka`: changes are lost. `kubectl apply -k` of this folder comes before that of deploy/k8s.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
generatorOptions:
  disableNameSuffixHash: true
configMapGenerator:
  - name: nats-config
    files:
      - nats.conf
  - name: peers
    files:
      - peers.json
secretGenerator:
  - name: nats-tls
    type: kubernetes.io/tls
    files:
      - tls.crt=tls/certificate.pem
      - tls.key=tls/key.pem
      - ca.crt=tls/authority.pem
  - name: services-key
    files:
      - services.nk
  - name: keeper-key
    files:
      - keeper.nk
{"".join(links)}"""
