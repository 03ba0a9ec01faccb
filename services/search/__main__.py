"""Run the search service: ``python -m services.search``."""

from __future__ import annotations

from services.chassis.server import run
from services.chassis.settings import load_or_exit
from services.search.app import serve
from services.search.settings import SearchSettings

if __name__ == "__main__":
    run(serve(load_or_exit(SearchSettings)))
