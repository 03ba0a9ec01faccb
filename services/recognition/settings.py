"""What the recognition service is told by its environment."""

from __future__ import annotations

from services.chassis.settings import ServiceSettings


class RecognitionSettings(ServiceSettings):
    """Nothing beside what every service is told."""
