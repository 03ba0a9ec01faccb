"""The one error that ends a command: a line for the operator, and exit code 1."""

from __future__ import annotations


class Failure(Exception):
    """What the command was asked for cannot be done; the text says why, and what would help."""
