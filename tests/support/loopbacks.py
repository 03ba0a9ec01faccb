"""Tests that need several addresses of one machine."""

from __future__ import annotations

import sys

import pytest

needs_loopbacks = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8 on its loopback interface"
)
