"""Run the network service: ``python -m services.network``."""

from __future__ import annotations

from services.chassis.server import run
from services.chassis.settings import load_or_exit
from services.network.app import serve
from services.network.settings import NetworkSettings

if __name__ == "__main__":
    run(serve(load_or_exit(NetworkSettings)))
