"""A small program for tests of the supervisor: it listens, says things, dies, or heeds no signal, as it is told.

    standin.py PORT [--heedless] [--say TEXT] [--exit CODE]

It stands on the standard library alone, so that it starts quickly.
"""

from __future__ import annotations

import argparse
import http.server
import signal
import sys


class _Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing: what is said is tested."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--heedless", action="store_true")
    parser.add_argument("--say", default="")
    parser.add_argument("--exit", type=int)
    options = parser.parse_args()
    if options.heedless:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if options.say:
        print(options.say, flush=True)
    if options.exit is not None:
        sys.exit(options.exit)
    http.server.HTTPServer(("127.0.0.1", options.port), _Answer).serve_forever()


if __name__ == "__main__":
    main()
