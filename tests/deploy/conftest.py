"""The overlays of this repository, rendered once for all tests of a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.checking.rendering import Overlay, rendered_overlays
from deploy.checking.rules.running import ROOT


@pytest.fixture(scope="session")
def overlays() -> Iterator[dict[str, Overlay]]:
    with rendered_overlays(ROOT) as found:
        yield {overlay.rendered.overlay: overlay for overlay in found}


@pytest.fixture
def tokyo(overlays: dict[str, Overlay]) -> Overlay:
    """A region that dials one and is dialled by another, with all components."""
    return overlays["tokyo"]
