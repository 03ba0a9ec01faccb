"""Facts about the certificates for development."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from ops.network.certificates import (
    CERTIFICATE_DAYS,
    RENEWED_DAYS_BEFORE,
    Credential,
    make_authority,
    make_certificate,
    why_renew,
)

NOW_MS = 1_700_000_000_000
DAY_MS = 24 * 3600 * 1000
AUTHORITY = make_authority("acme", now_ms=NOW_MS)
STOCKHOLM = make_certificate(AUTHORITY, "stockholm", "nats.stockholm.example", now_ms=NOW_MS)


def _why(credential: Credential = STOCKHOLM, host: str = "nats.stockholm.example", days: int = 0) -> str:
    return why_renew(credential, AUTHORITY.certificate, host, now_ms=NOW_MS + days * DAY_MS)


def _policy(authority: Credential) -> PolicyBuilder:
    now = x509.load_pem_x509_certificate(STOCKHOLM.certificate).not_valid_before_utc
    return PolicyBuilder().store(Store([x509.load_pem_x509_certificate(authority.certificate)])).time(now)


@pytest.mark.parametrize("name", ["nats.stockholm.example", "localhost"])
def test_a_certificate_is_good_for_its_host_and_on_one_machine(name: str) -> None:
    certificate = x509.load_pem_x509_certificate(STOCKHOLM.certificate)
    _policy(AUTHORITY).build_server_verifier(x509.DNSName(name)).verify(certificate, [])


def test_a_certificate_is_good_for_the_one_who_dials() -> None:
    certificate = x509.load_pem_x509_certificate(STOCKHOLM.certificate)
    _policy(AUTHORITY).build_client_verifier().verify(certificate, [])


def test_a_certificate_is_not_good_for_another_host_nor_by_another_authority() -> None:
    certificate = x509.load_pem_x509_certificate(STOCKHOLM.certificate)
    with pytest.raises(VerificationError):
        _policy(AUTHORITY).build_server_verifier(x509.DNSName("nats.tokyo.example")).verify(certificate, [])
    with pytest.raises(VerificationError):
        _policy(make_authority("acme", now_ms=NOW_MS)).build_client_verifier().verify(certificate, [])


def test_a_region_cannot_sign_for_another() -> None:
    constraints = x509.load_pem_x509_certificate(STOCKHOLM.certificate).extensions
    assert not constraints.get_extension_for_class(x509.BasicConstraints).value.ca


def test_a_good_certificate_is_kept() -> None:
    assert _why() == ""
    assert _why(days=CERTIFICATE_DAYS - RENEWED_DAYS_BEFORE) == ""


def test_a_certificate_is_renewed_in_time() -> None:
    assert _why(days=CERTIFICATE_DAYS - RENEWED_DAYS_BEFORE + 1).startswith("it ends on 2026-")


def test_a_certificate_for_another_host_is_renewed() -> None:
    assert _why(host="10.0.0.7") == "it is not for 10.0.0.7"


def test_a_certificate_that_cannot_serve_is_renewed() -> None:
    other = make_certificate(AUTHORITY, "tokyo", "nats.stockholm.example", now_ms=NOW_MS)
    foreign = make_certificate(make_authority("x", now_ms=NOW_MS), "stockholm", "nats.stockholm.example", now_ms=NOW_MS)
    assert _why(Credential(STOCKHOLM.certificate, other.key)) == "its key is another's"
    assert "another authority" in _why(foreign)
    assert "cannot be read" in _why(Credential(b"", b""))
    assert "cannot be read" in _why(Credential(STOCKHOLM.certificate, b"no key"))
