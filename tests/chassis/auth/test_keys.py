"""The issuer's keys: fetched when needed, never because somebody floods us."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from services.chassis.auth.keys import (
    KEYS_AGE_SECONDS_HARD,
    KEYS_AGE_SECONDS_SOFT,
    KEYS_MAX,
    REFRESH_SECONDS_MIN,
    KeyCache,
    parse_keys,
)
from services.chassis.clock import ManualClock
from services.chassis.errors import Unauthenticated, Unavailable
from tests.chassis.auth.tokens import ISSUER, FakeIssuer, claims, ec_key, make_verifier, rsa_key, sign


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def make_cache(issuer: FakeIssuer, clock: ManualClock) -> KeyCache:
    return KeyCache(issuer=ISSUER, fetch=issuer.fetch, clock=clock)


async def until_idle() -> None:
    """Let the tasks that are under way end; a fake issuer never waits."""
    pending = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*(task for task in pending if task.get_name() == "issuer-keys"))


async def test_a_known_key_is_fetched_once(clock: ManualClock) -> None:
    issuer = FakeIssuer(ec_key())
    cache = make_cache(issuer, clock)
    for _ in range(100):
        assert await cache.find("ec-1") is not None
    assert issuer.fetches == 1


async def test_a_flood_of_unknown_keys_asks_once_in_thirty_seconds(clock: ManualClock) -> None:
    issuer = FakeIssuer(ec_key())
    verifier = make_verifier(issuer, clock)
    await verifier.verify(sign(claims(clock)))
    strangers = [sign(claims(clock), key=ec_key(), kid=f"unknown-{number}") for number in range(50)]
    seconds = 0
    while seconds < 300:
        for token in strangers:
            with pytest.raises(Unauthenticated, match="token_signature"):
                await verifier.verify(token)
        clock.advance(10)
        seconds += 10
    assert issuer.attempts <= 1 + 300 // REFRESH_SECONDS_MIN
    assert await verifier.verify(sign(claims(clock)))


async def test_a_new_key_is_found_once_the_pause_is_over(clock: ManualClock) -> None:
    issuer = FakeIssuer(ec_key())
    cache = make_cache(issuer, clock)
    assert await cache.find("ec-1") is not None
    issuer.keys = [ec_key("ec-2")]
    assert await cache.find("ec-2") is None
    clock.advance(REFRESH_SECONDS_MIN)
    assert await cache.find("ec-2") is not None
    assert await cache.find("ec-1") is None


async def test_callers_at_the_same_time_share_one_fetch(clock: ManualClock) -> None:
    issuer = FakeIssuer(ec_key())
    answer, asked = asyncio.Event(), asyncio.Event()

    async def slow_fetch(url: str) -> bytes:
        asked.set()
        await answer.wait()
        return await issuer.fetch(url)

    cache = KeyCache(issuer=ISSUER, fetch=slow_fetch, clock=clock)
    callers = [asyncio.create_task(cache.find("ec-1")) for _ in range(20)]
    await asked.wait()
    callers[0].cancel()  # the one who began it gives up; the others do not suffer
    answer.set()
    found = await asyncio.gather(*callers, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert all(isinstance(key, ECKey) for key in found[1:])
    assert issuer.fetches == 1


async def test_old_keys_stay_while_the_issuer_is_down(clock: ManualClock) -> None:
    issuer = FakeIssuer(ec_key())
    cache = make_cache(issuer, clock)
    await cache.find("ec-1")
    issuer.down = True
    for _ in range(10):
        clock.advance(KEYS_AGE_SECONDS_HARD + 1)
        assert await cache.find("ec-1") is not None
    assert issuer.attempts == 11


async def test_keys_of_some_age_are_used_while_they_are_renewed(clock: ManualClock) -> None:
    issuer = FakeIssuer(ec_key())
    cache = make_cache(issuer, clock)
    await cache.find("ec-1")
    issuer.keys = [rsa_key()]
    clock.advance(KEYS_AGE_SECONDS_SOFT + 1)
    assert await cache.find("ec-1") is not None
    await until_idle()
    assert await cache.find("ec-1") is None


async def test_a_withdrawn_key_does_not_live_on_in_a_quiet_process(clock: ManualClock) -> None:
    issuer = FakeIssuer(ec_key())
    cache = make_cache(issuer, clock)
    await cache.find("ec-1")
    issuer.keys = [rsa_key()]
    clock.advance(KEYS_AGE_SECONDS_HARD + 1)
    assert await cache.find("ec-1") is None


async def test_an_issuer_that_is_down_at_first_is_asked_once_a_second(clock: ManualClock) -> None:
    issuer = FakeIssuer(ec_key())
    issuer.down = True
    cache = make_cache(issuer, clock)
    for _ in range(10):
        with pytest.raises(Unavailable):
            await cache.find("ec-1")
    assert issuer.attempts == 1
    issuer.down = False
    clock.advance(1)
    assert await cache.find("ec-1") is not None


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://elsewhere.example.test"},
        {"jwks_uri": "http://login.example.test/keys"},
        {"jwks_uri": 7},
        {"jwks_uri": "https://["},
        {"raw_keys": []},
        {"raw_keys": ["x", None, {}, {"kty": "EC"}, {"kty": "new"}]},
    ],
)
async def test_an_issuer_that_answers_nonsense_gives_no_keys(clock: ManualClock, change: dict[str, Any]) -> None:
    issuer = FakeIssuer(ec_key())
    for name, value in change.items():
        setattr(issuer, name, value)
    with pytest.raises(Unavailable):
        await make_cache(issuer, clock).find("ec-1")


async def test_a_lone_key_needs_no_id(clock: ManualClock) -> None:
    assert await make_cache(FakeIssuer(ec_key()), clock).find("") is not None
    assert await make_cache(FakeIssuer(ec_key(), rsa_key()), clock).find("") is None


async def test_closing_ends_a_fetch(clock: ManualClock) -> None:
    asked = asyncio.Event()

    async def never(_: str) -> bytes:
        asked.set()
        await asyncio.Event().wait()
        return b""

    cache = KeyCache(issuer=ISSUER, fetch=never, clock=clock)
    caller = asyncio.create_task(cache.find("ec-1"))
    await asked.wait()
    await cache.close()
    await asyncio.gather(caller, return_exceptions=True)
    assert caller.done()


@pytest.mark.filterwarnings("ignore:Key size should be")
def test_keys_that_may_not_sign_are_left_out() -> None:
    good = ec_key().as_dict(private=False)
    entries = [
        OctKey.generate_key(256, {"kid": "secret"}).as_dict(private=True),
        RSAKey.generate_key(1024, {"kid": "weak"}).as_dict(private=False),
        ECKey.generate_key("P-384", {"kid": "other-curve"}).as_dict(private=False),
        good | {"kid": "for-secrecy", "use": "enc"},
        good | {"kid": "broken", "x": "AAAA"},
        "nonsense",
        good,
    ]
    assert set(parse_keys({"keys": entries})) == {"ec-1"}


def test_the_number_of_keys_is_bounded() -> None:
    good = ec_key().as_dict(private=False)
    entries = [good | {"kid": f"key-{number}"} for number in range(KEYS_MAX * 2)]
    assert len(parse_keys({"keys": entries})) == KEYS_MAX
