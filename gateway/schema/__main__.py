"""Prints the schema, for ``gateway/schema.graphql``: ``python -m gateway.schema > gateway/schema.graphql``."""

from __future__ import annotations

import sys

from gateway.schema import make_schema

if __name__ == "__main__":
    sys.stdout.write(make_schema().as_str() + "\n")
