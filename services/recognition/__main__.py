"""Run the recognition service: ``python -m services.recognition``."""

from __future__ import annotations

from services.chassis.server import run
from services.chassis.settings import load_or_exit
from services.recognition.app import serve
from services.recognition.settings import RecognitionSettings

if __name__ == "__main__":
    run(serve(load_or_exit(RecognitionSettings)))
