"""The verifier takes what the issuer signed for us and refuses everything else with a code."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.chassis import ids
from services.chassis.auth import Verifier
from services.chassis.auth.keys import KEYS_AGE_SECONDS_HARD
from services.chassis.auth.verifier import CACHED_SECONDS_MAX, CACHED_TOKENS_MAX, LEEWAY_SECONDS, TOKEN_BYTES_MAX
from services.chassis.clock import ManualClock
from services.chassis.errors import Forbidden, Unauthenticated, Unavailable
from tests.chassis.auth.tokens import (
    ISSUER,
    REGION,
    FakeIssuer,
    claims,
    ec_key,
    ed_key,
    encode,
    make_verifier,
    rsa_key,
    sign,
    sign_eddsa,
    sign_hmac,
    unsigned,
)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def issuer() -> FakeIssuer:
    return FakeIssuer(rsa_key(), ec_key(), ed_key())


@pytest.fixture
async def verifier(issuer: FakeIssuer, clock: ManualClock) -> AsyncIterator[Verifier]:
    made = make_verifier(issuer, clock)
    yield made
    await made.close()


async def refusal(verifier: Verifier, token: str) -> str:
    with pytest.raises(Unauthenticated) as caught:
        await verifier.verify(token)
    return caught.value.code


async def test_a_good_token_becomes_a_caller(verifier: Verifier, clock: ManualClock) -> None:
    payload = claims(clock, roles=["member", "moderator", "root"])
    token = sign(payload)
    caller = await verifier.verify(token)
    assert caller.person_id == ids.derive(REGION, "person", ISSUER, "00u-anna")
    assert (caller.issuer, caller.subject, caller.handle, caller.name) == (ISSUER, "00u-anna", "anna", "Anna Berg")
    assert caller.roles == {"member", "moderator"}
    assert caller.expires_at == payload["exp"]
    assert caller.token == token
    assert token not in repr(caller)


async def test_each_accepted_algorithm_is_accepted(verifier: Verifier, clock: ManualClock) -> None:
    payload = claims(clock)
    for token in (sign(payload, key=rsa_key()), sign(payload, key=ec_key()), sign_eddsa(payload)):
        assert (await verifier.verify(token)).handle == "anna"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": "https://elsewhere.example.test"}, "token_issuer"),
        ({"iss": ISSUER + "/"}, "token_issuer"),
        ({"iss": None}, "token_issuer"),
        ({"aud": "another"}, "token_audience"),
        ({"aud": ["another", "third"]}, "token_audience"),
        ({"aud": None}, "token_audience"),
        ({"aud": {"samverka": True}}, "token_audience"),
        ({"exp": None}, "token_claims"),
        ({"exp": "tomorrow"}, "token_claims"),
        ({"exp": True}, "token_claims"),
        ({"exp": 1e300}, "token_claims"),
        ({"nbf": "now"}, "token_claims"),
        ({"sub": None}, "token_claims"),
        ({"sub": ""}, "token_claims"),
        ({"sub": 7}, "token_claims"),
        ({"sub": "x" * 256}, "token_claims"),
        ({"sub": "a\x00b"}, "token_claims"),
        ({"preferred_username": None}, "token_claims"),
        ({"preferred_username": "anna berg"}, "token_claims"),
        ({"preferred_username": "x" * 65}, "token_claims"),
        ({"name": ["Anna"]}, "token_claims"),
        ({"name": "x" * 201}, "token_claims"),
        ({"name": "An\u202ena"}, "token_claims"),
    ],
)
async def test_a_wrong_claim_is_refused(
    verifier: Verifier, clock: ManualClock, changes: dict[str, Any], code: str
) -> None:
    assert await refusal(verifier, sign(claims(clock, **changes))) == code


@pytest.mark.parametrize("claim", ["iss", "sub", "preferred_username", "name"])
async def test_a_lone_surrogate_is_refused(verifier: Verifier, clock: ManualClock, claim: str) -> None:
    token = unsigned({"alg": "ES256", "kid": "ec-1"}, claims(clock, **{claim: "a\ud800b"})) + ".AAAA"
    assert await refusal(verifier, token) == "token_malformed"


async def test_one_audience_of_many_is_enough(verifier: Verifier, clock: ManualClock) -> None:
    assert await verifier.verify(sign(claims(clock, aud=["another", "samverka"])))


async def test_a_token_ends_with_its_expiry_and_the_leeway(verifier: Verifier, clock: ManualClock) -> None:
    token = sign(claims(clock, exp=clock.wall_ms() // 1000 + 60))
    clock.advance(60 + LEEWAY_SECONDS - 1)
    assert await verifier.verify(token)
    clock.advance(1)
    assert await refusal(verifier, token) == "token_expired"


@pytest.mark.parametrize("claim", ["nbf", "iat"])
async def test_a_token_from_the_future_waits_for_its_time(verifier: Verifier, clock: ManualClock, claim: str) -> None:
    begins_at = clock.wall_ms() // 1000 + LEEWAY_SECONDS + 1
    token = sign(claims(clock, **{claim: begins_at}))
    assert await refusal(verifier, token) == "token_not_yet"
    clock.advance(1)
    assert await verifier.verify(token)


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("", "token_missing"),
        ("garbage", "token_malformed"),
        ("a.b", "token_malformed"),
        ("a.b.c.d", "token_malformed"),
        ("a.b.c", "token_malformed"),
        ("é.b.c", "token_malformed"),
        ("a b.c.d", "token_malformed"),
        (encode(b"[]") + "." + encode(b"{}") + ".AAAA", "token_malformed"),
        (encode(b'"x"') + "." + encode(b"{}") + ".AAAA", "token_malformed"),
        (encode(b"{}") + "." + encode(b"{}") + ".AAAA", "token_malformed"),
        (encode(b'{"alg":"ES256"}') + "." + encode(b"[1]") + ".AAAA", "token_malformed"),
        (encode(b'{"alg":"ES256"}') + "." + encode(b"\xff\xfe") + ".AAAA", "token_malformed"),
        (
            encode(b'{"alg":"ES256","kid":' + b"[" * 1000 + b"]" * 1000 + b"}") + "." + encode(b"{}") + ".A",
            "token_malformed",
        ),
        ("A" * TOKEN_BYTES_MAX + ".b.c", "token_malformed"),
    ],
)
async def test_what_is_no_token_is_refused_without_asking_the_issuer(
    verifier: Verifier, issuer: FakeIssuer, token: str, code: str
) -> None:
    assert await refusal(verifier, token) == code
    assert issuer.attempts == 0


async def test_a_good_token_that_is_too_long_is_refused(verifier: Verifier, clock: ManualClock) -> None:
    token = sign(claims(clock, padding="x" * (TOKEN_BYTES_MAX // 2)), cty="x" * (TOKEN_BYTES_MAX // 3))
    assert len(token) > TOKEN_BYTES_MAX
    assert await refusal(verifier, token) == "token_malformed"


async def test_an_unsigned_token_is_refused(verifier: Verifier, clock: ManualClock) -> None:
    for name in ("none", "None", "NONE", ""):
        token = unsigned({"alg": name, "kid": "ec-1"}, claims(clock)) + "."
        assert await refusal(verifier, token) == "token_algorithm"


async def test_a_public_key_is_no_shared_secret(verifier: Verifier, clock: ManualClock) -> None:
    public = rsa_key().as_pem(private=False)
    for secret in (public, public.strip()):
        assert await refusal(verifier, sign_hmac(claims(clock), secret, kid="rsa-1")) == "token_algorithm"


@pytest.mark.parametrize("name", ["RS384", "PS256", "ES512", "HS256", "Ed448", ["ES256"], None, 7])
async def test_another_algorithm_is_refused(verifier: Verifier, clock: ManualClock, name: object) -> None:
    token = unsigned({"alg": name, "kid": "rsa-1"}, claims(clock)) + ".AAAA"
    assert await refusal(verifier, token) == "token_algorithm"


async def test_a_key_of_another_kind_does_not_verify(verifier: Verifier, clock: ManualClock) -> None:
    token = unsigned({"alg": "RS256", "kid": "ec-1"}, claims(clock)) + ".AAAA"
    assert await refusal(verifier, token) == "token_signature"


async def test_a_changed_token_is_refused(verifier: Verifier, clock: ManualClock) -> None:
    header, _, signature = sign(claims(clock)).split(".")
    forged = unsigned({}, claims(clock, roles=["admin"])).split(".")[1]
    assert await refusal(verifier, f"{header}.{forged}.{signature}") == "token_signature"
    assert await refusal(verifier, f"{header}.{forged}.") == "token_signature"


async def test_a_strangers_key_with_a_known_id_is_refused(verifier: Verifier, clock: ManualClock) -> None:
    stranger = type(ec_key()).generate_key("P-256", {"kid": "ec-1"})
    assert await refusal(verifier, sign(claims(clock), key=stranger)) == "token_signature"


@pytest.mark.parametrize("header", [{"typ": "logout+jwt"}, {"typ": 7}, {"kid": 7}, {"kid": "x" * 300}])
async def test_a_token_for_another_use_is_refused(
    verifier: Verifier, clock: ManualClock, header: dict[str, Any]
) -> None:
    token = unsigned({"alg": "ES256", "kid": "ec-1", **header}, claims(clock)) + ".AAAA"
    assert await refusal(verifier, token) == "token_malformed"


async def test_a_critical_header_is_refused(verifier: Verifier, clock: ManualClock) -> None:
    token = unsigned({"alg": "ES256", "kid": "ec-1", "crit": ["x"], "x": 1}, claims(clock)) + ".AAAA"
    assert await refusal(verifier, token) == "token_malformed"


async def test_a_key_in_the_token_is_not_believed(verifier: Verifier, clock: ManualClock) -> None:
    stranger = type(ec_key()).generate_key("P-256", {"kid": "mine"})
    token = sign(claims(clock), key=stranger, jwk=stranger.as_dict(private=False))
    assert await refusal(verifier, token) == "token_signature"


async def test_a_person_of_another_region_is_sent_home(verifier: Verifier, clock: ManualClock) -> None:
    assert await verifier.verify(sign(claims(clock, region=REGION)))
    with pytest.raises(Forbidden) as caught:
        await verifier.verify(sign(claims(clock, region="tokyo")))
    assert caught.value.code == "home_elsewhere"


@pytest.mark.parametrize("roles", [None, "admin", {"admin": True}, [["admin"], 7], ["root", "Admin"]])
async def test_roles_that_are_none_give_no_rights(verifier: Verifier, clock: ManualClock, roles: object) -> None:
    assert (await verifier.verify(sign(claims(clock, roles=roles)))).roles == frozenset()


@pytest.mark.parametrize("claim", ["realm_access.roles", "https://example.test/roles"])
async def test_roles_may_stand_elsewhere(issuer: FakeIssuer, clock: ManualClock, claim: str) -> None:
    verifier = make_verifier(issuer, clock, roles_claim=claim)
    payload = claims(clock, realm_access={"roles": ["sponsor"]}, **{"https://example.test/roles": ["sponsor"]})
    assert (await verifier.verify(sign(payload))).roles == {"sponsor"}


async def test_a_token_without_a_name_shows_the_handle(verifier: Verifier, clock: ManualClock) -> None:
    assert (await verifier.verify(sign(claims(clock, name=None)))).name == "anna"


async def test_a_verified_token_is_remembered_for_five_minutes_at_most(
    verifier: Verifier, issuer: FakeIssuer, clock: ManualClock
) -> None:
    token = sign(claims(clock, exp=clock.wall_ms() // 1000 + 1_000_000))
    first = await verifier.verify(token)
    issuer.keys = [rsa_key()]  # the key is withdrawn
    clock.advance(CACHED_SECONDS_MAX - 1)
    assert await verifier.verify(token) is first
    clock.advance(KEYS_AGE_SECONDS_HARD)
    assert await refusal(verifier, token) == "token_signature"
    assert issuer.fetches == 2


async def test_the_memory_for_tokens_is_bounded(verifier: Verifier) -> None:
    assert verifier._verified.maxsize == CACHED_TOKENS_MAX


async def test_an_issuer_never_reached_is_unavailable(
    verifier: Verifier, issuer: FakeIssuer, clock: ManualClock
) -> None:
    issuer.down = True
    with pytest.raises(Unavailable) as caught:
        await verifier.verify(sign(claims(clock)))
    assert caught.value.code == "issuer_unreachable"
