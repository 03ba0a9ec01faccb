"""Run the profile service: ``python -m services.profile``."""

from __future__ import annotations

from services.chassis.server import run
from services.chassis.settings import load_or_exit
from services.profile.app import serve
from services.profile.settings import ProfileSettings

if __name__ == "__main__":
    run(serve(load_or_exit(ProfileSettings)))
