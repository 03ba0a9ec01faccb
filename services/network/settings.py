"""What the network service is told by its environment."""

from __future__ import annotations

from pathlib import Path

from services.chassis.settings import ServiceSettings


class NetworkSettings(ServiceSettings):
    """``network_file`` names the peers; it may change while the service runs. The seed file is the keeper's."""

    network_file: Path
