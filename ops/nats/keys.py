"""Keys of NATS users (nkeys, Ed25519): a seed is secret and proves who one is, the public key is what a server knows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nkeys

from ops.dirs import create_private
from ops.failure import Failure

Entropy = Callable[[int], bytes]
"""Returns as many random bytes as asked for."""

_SEED_ENTROPY_BYTES = 32


def new_seed(entropy: Entropy) -> bytes:
    """Return the seed of a new user."""
    seed: bytes = nkeys.encode_seed(entropy(_SEED_ENTROPY_BYTES), nkeys.PREFIX_BYTE_USER)
    return seed


def public_key(seed: bytes) -> str:
    """Return the public key that belongs to ``seed``; ValueError if it is no user's seed."""
    try:
        public: bytes = nkeys.from_seed(bytearray(seed.strip())).public_key
    except nkeys.NkeysError as error:
        raise ValueError("no nkey seed") from error
    key = public.decode()
    if not key.startswith("U"):
        raise ValueError("not the seed of a user")
    return key


def public_key_of(seed_file: Path) -> str:
    """Return the public key of the seed in a file; Failure if it holds none."""
    try:
        return public_key(seed_file.read_bytes())
    except OSError as error:
        raise Failure(f"{seed_file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise Failure(f"{seed_file} holds no nkey seed.") from error


def ensure_seed(seed_file: Path, entropy: Entropy) -> str:
    """Return the public key of the seed in ``seed_file`` (mode 0600), making the seed the first time."""
    if not seed_file.exists():
        create_private(seed_file, new_seed(entropy))
    return public_key_of(seed_file)
