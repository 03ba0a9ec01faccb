"""Who asks: bearer tokens of an OIDC issuer, verified here, and the caller that follows from one.

``keys`` holds the issuer's public keys, ``verifier`` makes a ``Caller`` of a token, ``caller`` carries it through a call,
``issuer`` stands in for the company's own issuer on a laptop.
"""

from services.chassis.auth.caller import ROLES, Caller, current_caller, require_role, with_caller
from services.chassis.auth.keys import KeyCache, fetch_over_http
from services.chassis.auth.verifier import Verifier, open_verifier

__all__ = [
    "ROLES",
    "Caller",
    "KeyCache",
    "Verifier",
    "current_caller",
    "fetch_over_http",
    "open_verifier",
    "require_role",
    "with_caller",
]
