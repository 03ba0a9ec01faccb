"""Certificates for development: one authority for a network, and one certificate a region for both ends of its links.

A production network brings its own: files of another authority in a region's directory are left as they are.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ops.network.hosts import ip_of

AUTHORITY_DAYS = 3_650
CERTIFICATE_DAYS = 825
"""The longest that some clients take."""
RENEWED_DAYS_BEFORE = 60
_SKEW_ALLOWED = timedelta(hours=1)
_HERE = ("localhost", "127.0.0.1", "::1")
"""On one machine, links go through the loopback interface."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A certificate and its private key, both PEM."""

    certificate: bytes
    key: bytes


def make_authority(network: str, *, now_ms: int) -> Credential:
    """Return an authority that may sign certificates and nothing else."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"{network} development authority")
    builder = (
        _builder(name, name, key.public_key(), now_ms, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
    )
    return Credential(_pem(builder.sign(key, hashes.SHA256())), _key_pem(key))


def make_certificate(
    authority: Credential, region: str, host: str, *, now_ms: int, servers: Collection[str] = ()
) -> Credential:
    """Return a certificate for a region whose peers dial ``host``, good for either end of a link.

    ``servers`` are the hosts by which the region's own servers reach each other, if it has several.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.load_pem_x509_certificate(authority.certificate)
    signer = _load_key(authority.key)
    builder = (
        _builder(_name(region), issuer.subject, key.public_key(), now_ms, CERTIFICATE_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
        )
        .add_extension(x509.SubjectAlternativeName(_names(host, servers)), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    return Credential(_pem(builder.sign(signer, hashes.SHA256())), _key_pem(key))


def why_renew(
    credential: Credential, authority: bytes, host: str, *, now_ms: int, servers: Collection[str] = ()
) -> str:
    """Return why a certificate must be made anew, empty if it need not; ``authority`` is the signer's certificate."""
    try:
        found = x509.load_pem_x509_certificate(credential.certificate)
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        found.verify_directly_issued_by(x509.load_pem_x509_certificate(authority))
        matches = _load_key(credential.key).public_key() == found.public_key()
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return "it cannot be read, or is of another authority"
    if not matches:
        return "its key is another's"
    if list(names) != _names(host, servers):
        return f"it is not for {', '.join((host, *servers))}"
    if found.not_valid_after_utc - _instant(now_ms) < timedelta(days=RENEWED_DAYS_BEFORE):
        return f"it ends on {found.not_valid_after_utc:%Y-%m-%d}"
    return ""


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now_ms: int, days: int
) -> x509.CertificateBuilder:
    now = _instant(now_ms)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW_ALLOWED)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _names(host: str, servers: Collection[str]) -> list[x509.GeneralName]:
    """Return each name once: the host that is dialled, those of the region's servers, and this machine's own."""
    return [_general_name(name) for name in _each_once((host, *servers, *_HERE))]


def _each_once(names: Collection[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _general_name(name: str) -> x509.GeneralName:
    address = ip_of(name)
    return x509.IPAddress(address) if address else x509.DNSName(name)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _instant(now_ms: int) -> datetime:
    return datetime.fromtimestamp(now_ms // 1000, UTC)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _load_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("not an elliptic curve key")
    return key
