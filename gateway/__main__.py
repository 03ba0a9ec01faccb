"""Runs the gateway: ``python -m gateway``, told by its environment."""

from __future__ import annotations

from gateway.app import serve
from gateway.settings import GatewaySettings
from services.chassis.server import run
from services.chassis.settings import load_or_exit


def main() -> None:
    """Serve until a signal; exit 2 if a setting is wrong, 1 if the address cannot be had."""
    run(serve(load_or_exit(GatewaySettings)))


if __name__ == "__main__":
    main()
