"""Run the feed service: ``python -m services.feed``."""

from __future__ import annotations

from services.chassis.server import run
from services.chassis.settings import load_or_exit
from services.feed.app import serve
from services.feed.settings import FeedSettings

if __name__ == "__main__":
    run(serve(load_or_exit(FeedSettings)))
