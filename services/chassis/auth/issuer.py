"""The development issuer: stands in for the company's OIDC provider on a laptop, and refuses to run anywhere else.

``python -m services.chassis.auth.issuer`` serves discovery and keys; ``mint`` makes tokens with the same key file. There
is no password: whoever can read the key file is everybody. So it starts only if SAMVERKA_ENV is dev.
"""

from __future__ import annotations

import os
import secrets
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

import orjson
import uvicorn
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from pydantic import Field
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.chassis.auth.caller import ROLES
from services.chassis.auth.keys import DISCOVERY_PATH
from services.chassis.clock import Clock
from services.chassis.errors import Invalid
from services.chassis.logs import install_handler
from services.chassis.settings import EnvironmentSettings, HttpUrl, Listen, load_or_exit, split_listen

ALGORITHM = "ES256"
JWKS_PATH = "/jwks"
HEALTH_PATH = "/healthz"
HANDLE_CHARACTERS_MAX = 64
_EXIT_BAD_USAGE = 2


class KeyFileFault(Exception):
    """The key file cannot be used; the text says why."""


class IssuerSettings(EnvironmentSettings):
    """What the development issuer is told."""

    auth_issuer: HttpUrl
    issuer_listen: Listen = Field(min_length=1)
    issuer_key_file: Path


def mint(
    key_file: Path,
    *,
    issuer: str,
    audience: str,
    region: str,
    handle: str,
    name: str,
    roles: Iterable[str],
    clock: Clock,
    lifetime_seconds: int,
) -> str:
    """Return a token that says its bearer is ``handle`` of ``region``; the key file is made if missing.

    Raises Invalid for a handle or a role that there is not, KeyFileFault.
    """
    granted = sorted(set(roles))
    if not handle.isprintable() or not 0 < len(handle) <= HANDLE_CHARACTERS_MAX or " " in handle:
        raise Invalid("It must be 1 to 64 characters without spaces.", code="malformed_handle", field="handle")
    if not ROLES.issuperset(granted):
        raise Invalid(f"A role is one of {', '.join(sorted(ROLES))}.", code="unknown_role", field="roles")
    key = load_key(key_file)
    now_seconds = clock.wall_ms() // 1000
    claims = {
        "iss": issuer,
        "sub": f"{handle}@{region}",
        "aud": audience,
        "iat": now_seconds,
        "exp": now_seconds + lifetime_seconds,
        "preferred_username": handle,
        "name": name or handle,
        "roles": granted,
        "region": region,
    }
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, key)


def load_key(path: Path) -> ECKey:
    """Return the private key in the file, which is made, readable by its owner alone, if missing; KeyFileFault."""
    try:
        if not path.exists():
            _create_key(path)
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise KeyFileFault(f"{path}: others may read this key; make it yours alone (chmod 600) or delete it")
        key = ECKey.import_key(orjson.loads(path.read_bytes()))
    except OSError as error:
        raise KeyFileFault(f"{path}: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, AttributeError, JoseError):
        raise KeyFileFault(f"{path}: this is not a key of this issuer; delete it and a new one is made") from None
    if not key.is_private or key.curve_name != "P-256":
        raise KeyFileFault(f"{path}: this is not a private key for {ALGORITHM}; delete it and a new one is made")
    key.ensure_kid()
    return key


def make_app(*, issuer: str, key: ECKey) -> Starlette:
    """Return the issuer's HTTP application."""
    discovery = orjson.dumps(
        {
            "issuer": issuer,
            "jwks_uri": issuer.rstrip("/") + JWKS_PATH,
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "response_types_supported": ["token"],
            "subject_types_supported": ["public"],
        }
    )
    jwks = orjson.dumps({"keys": [key.as_dict(private=False, use="sig", alg=ALGORITHM)]})
    return Starlette(
        routes=[
            _fixed_answer(DISCOVERY_PATH, discovery),
            _fixed_answer(JWKS_PATH, jwks),
            _fixed_answer(HEALTH_PATH, b'{"status":"ok"}'),
        ]
    )


def _fixed_answer(path: str, body: bytes) -> Route:
    async def answer(_: Request) -> Response:
        return Response(body, media_type="application/json")

    return Route(path, answer)


def _create_key(path: Path) -> None:
    """Write a new key whole, or leave the one that another process wrote in the meantime."""
    key = ECKey.generate_key("P-256", auto_kid=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(orjson.dumps(key.as_dict(private=True)))
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def main() -> None:
    """Serve until a signal; exit 2 if this is not a development environment or a setting is wrong."""
    if os.environ.get("SAMVERKA_ENV") != "dev":
        _exit("The development issuer signs in anybody as anybody. It starts only if SAMVERKA_ENV is dev.")
    settings = load_or_exit(IssuerSettings)
    try:
        key = load_key(settings.issuer_key_file)
    except KeyFileFault as fault:
        _exit(f"SAMVERKA_ISSUER_KEY_FILE: {fault}")
    install_handler(sys.stderr, form=settings.log_format, level=settings.log_level, service="issuer", region="")
    host, port = split_listen(settings.issuer_listen)
    app = make_app(issuer=settings.auth_issuer, key=key)
    uvicorn.run(app, host=host, port=port, log_config=None, access_log=False, server_header=False)


def _exit(message: str) -> None:
    print(message, file=sys.stderr)
    raise SystemExit(_EXIT_BAD_USAGE)


if __name__ == "__main__":
    main()
