"""What the gateway is told by its environment."""

from __future__ import annotations

from pydantic import Field

from services.chassis.settings import CommonSettings, Listen


class GatewaySettings(CommonSettings):
    """Where to listen, and the gRPC targets of the services, such as ``dns:///feed:50051``."""

    http_listen: Listen = "127.0.0.1:8080"
    profile_target: str = Field(min_length=1, max_length=2_048)
    feed_target: str = Field(min_length=1, max_length=2_048)
    network_target: str = Field(min_length=1, max_length=2_048)
    recognition_target: str = Field(min_length=1, max_length=2_048)
    search_target: str = Field(min_length=1, max_length=2_048)
