"""A small certificate authority for trials: TLS on the bus and between services, with client certificates.

In earnest an agency's own PKI issues them; nothing here knows more of a certificate than its files. One file
pair per name: `<name>.pem` (certificate) and `<name>.key` (private key, readable by its owner alone).
"""

import ipaddress
import os
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from shared import clock
from shared.errors import SettingError

AUTHORITY = "ca"
AUTHORITY_DAYS = 3650
DAYS = 365
CLOCKS_DIFFER = timedelta(hours=1)  # a certificate is good a little before it is made
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")


def make_authority(directory: Path) -> Path:
    """Make an authority in a folder; returns its certificate, `ca.pem`, which all are told to believe.

    Raises SettingError where the folder has one: certificates that it issued would no longer count.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = ec.generate_private_key(ec.SECP256R1())
    name = _named("Huajie trial authority")
    certificate = (
        _begin(name, name, key.public_key(), AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return _write(directory, AUTHORITY, certificate, key)


def issue(directory: Path, name: str, hosts: Iterable[str], days: float = DAYS) -> Path:
    """Issue a certificate that is good for a server under `hosts` (names or addresses) and for a client.

    Returns `<name>.pem`; its key lies beside it. Raises SettingError where there is no authority in the
    folder, a certificate of that name is there, or a host is no host.
    """
    if name == AUTHORITY or not _NAME.fullmatch(name):
        raise SettingError(f"{name!r} cannot name a certificate: use lower-case letters, digits, '.' and '-'")
    alternatives = [_alternative(host) for host in hosts]
    if not alternatives:
        raise SettingError(f"name at least one host under which {name} is reached")
    authority, authority_key = _authority(directory)
    key = ec.generate_private_key(ec.SECP256R1())
    uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    certificate = (
        _begin(_named(name), authority.subject, key.public_key(), days)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        .add_extension(issuer, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    return _write(directory, name, certificate, key)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    if not re.fullmatch(r"[A-Za-z0-9_*]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9])?", host):
        raise SettingError(f"{host!r} is neither the name of a host nor an IP address")
    return x509.DNSName(host)


def _begin(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: float
) -> x509.CertificateBuilder:
    now = clock.now()
    until: datetime = now + timedelta(days=days)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(now - CLOCKS_DIFFER, until - CLOCKS_DIFFER))
        .not_valid_after(until)
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


def _authority(directory: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    try:
        certificate = x509.load_pem_x509_certificate((directory / f"{AUTHORITY}.pem").read_bytes())
        key = load_pem_private_key((directory / f"{AUTHORITY}.key").read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise SettingError(
            f"{directory} holds no authority ({type(error).__name__}): make one with `huajie ca init`"
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise SettingError(f"{AUTHORITY}.key is no key of `huajie ca init`: issue with the PKI that made it")
    return certificate, key


def _write(
    directory: Path, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> Path:
    path, secret = directory / f"{name}.pem", directory / f"{name}.key"
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        descriptor = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise SettingError(
            f"{secret.name} is there already: it is never written over. Move it away first, with {path.name}"
        ) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    path.write_bytes(certificate.public_bytes(Encoding.PEM))
    return path
