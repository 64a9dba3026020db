"""Owns Ed25519: keys from PEM files, signatures made and checked. The only importer of cryptography, an extra.

Any thread. Knows nothing of what is signed.
"""

import importlib
from pathlib import Path
from typing import Any, NewType

from cognate.errors import MountError

SIGNATURE_BYTES = 64
MOST_KEY_BYTES = 1 << 16

PublicKey = NewType("PublicKey", object)
PrivateKey = NewType("PrivateKey", object)

MISSING = "Signatures of vectors need the library cryptography: pip install cryptography."


def read_public_key(file: Path) -> PublicKey:
    """Return the public key in a PEM file, as ``openssl pkey -pubout`` writes it.

    Raises:
        MountError: when it cannot be read, is no Ed25519 key, or the library is missing.
    """
    data, serialization = _read(file), _library("serialization")
    try:
        key = serialization.load_pem_public_key(data)
    except Exception as error:  # The library raises errors of several kinds for what is no key.
        raise MountError(f"{file} holds no public key in PEM form.") from error
    return PublicKey(_checked(key, "Ed25519PublicKey", file))


def read_private_key(file: Path) -> PrivateKey:
    """Return the private key in a PEM file without a password, as ``openssl genpkey -algorithm ed25519`` writes it.

    Raises:
        MountError: as ``read_public_key``.
    """
    data, serialization = _read(file), _library("serialization")
    try:
        key = serialization.load_pem_private_key(data, password=None)
    except Exception as error:  # As above.
        raise MountError(f"{file} holds no private key in PEM form, or one with a password.") from error
    return PrivateKey(_checked(key, "Ed25519PrivateKey", file))


def sign(key: PrivateKey, data: bytes) -> bytes:
    """Return the signature of some bytes."""
    signer: Any = key
    return bytes(signer.sign(data))


def is_signed(key: PublicKey, data: bytes, signature: bytes) -> bool:
    """Whether a signature of some bytes is by a key."""
    checker: Any = key
    try:
        checker.verify(signature, data)
    except importlib.import_module("cryptography.exceptions").InvalidSignature:
        return False
    return True


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_KEY_BYTES)
    except OSError as error:
        raise MountError(f"The key {file} cannot be read: {error.strerror}.") from error


def _checked(key: object, kind: str, file: Path) -> object:
    if not isinstance(key, getattr(_library("asymmetric.ed25519"), kind)):
        raise MountError(f"The key in {file} is not an Ed25519 key.")
    return key


def _library(part: str) -> Any:
    try:
        return importlib.import_module(f"cryptography.hazmat.primitives.{part}")
    except ImportError as error:
        raise MountError(MISSING) from error
