"""The overlays of this repository, rendered once for all tests of a process."""

from __future__ import annotations

import pytest

from deploy.checking.rendering import Overlay, render_overlays
from deploy.checking.rules.running import ROOT


@pytest.fixture(scope="session")
def overlays() -> dict[str, Overlay]:
    return {overlay.rendered.overlay: overlay for overlay in render_overlays(ROOT)}


@pytest.fixture
def tokyo(overlays: dict[str, Overlay]) -> Overlay:
    """A region that dials one and is dialled by another, with all components."""
    return overlays["tokyo"]
