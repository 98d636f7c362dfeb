"""Who made a bundle: this user's key, and the keys of those whom they trust. Knows nothing of what is in a bundle."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from steppe.errors import UsageError
from steppe.types import Struct

KEY, TRUSTED = "bundle-key.pem", "trusted-makers.json"


class Maker(Struct, frozen=True, kw_only=True):
    """Whoever made a bundle: a public key as 64 hex digits, and what they call themselves, which proves nothing."""

    key: str
    name: str = ""

    def told(self) -> str:
        """Say who it is."""
        return f"{self.name or 'somebody'} (key {self.key[:16]})"


def folder(environ: Mapping[str, str]) -> Path:
    """Return the folder of the user's own settings."""
    home = environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    return Path(home, "steppe")


class Signer:
    """This user's key, made when it is first asked for, in a file that nobody else may read."""

    def __init__(self, where: Path) -> None:
        """Read the key, or make one.

        Raises:
            UsageError: others may read it, or it is no key.
        """
        path = where / KEY
        self._key = _read(path) if path.exists() else _make(path)

    def maker(self) -> Maker:
        """Return who signs."""
        return Maker(key=_raw(self._key.public_key()), name=_own_name())

    def sign(self, data: bytes) -> bytes:
        """Return the signature of some bytes: 64 bytes."""
        signature: bytes = self._key.sign(data)
        return signature


def own(where: Path) -> str:
    """Return this user's public key, or nothing where there is none yet."""
    path = where / KEY
    return _raw(_read(path).public_key()) if path.exists() else ""


def is_signed(data: bytes, signature: bytes, maker: Maker) -> bool:
    """Tell whether a maker has signed these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(maker.key)).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def trusted(where: Path) -> list[Maker]:
    """Return the makers whom this user trusts, beside themselves.

    Raises:
        UsageError: the file is not as `steppe trust` writes it.
    """
    try:
        told = json.loads((where / TRUSTED).read_text("utf-8"))
        return [Maker(key=str(each["key"]), name=str(each["name"])) for each in told]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{where / TRUSTED} can't be read ({error}): correct it, or remove it.") from error


def trusts(where: Path, maker: Maker) -> bool:
    """Tell whether this user trusts a maker: themselves, or one whom `steppe trust` has named."""
    return maker.key == own(where) or any(each.key == maker.key for each in trusted(where))


def write_trusted(where: Path, makers: list[Maker]) -> None:
    """Write down whom this user trusts."""
    unique = {each.key: each for each in makers}
    _put(where / TRUSTED, json.dumps([{"key": each.key, "name": each.name} for each in unique.values()], indent=1))


def _read(path: Path) -> Ed25519PrivateKey:
    if path.stat().st_mode & 0o077:
        raise UsageError(f"{path} can be read by others: run `chmod 600 {path}`, or remove it for a new key.")
    try:
        found = serialization.load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError) as error:
        raise UsageError(f"{path} holds no key: remove it for a new one.") from error
    if not isinstance(found, Ed25519PrivateKey):
        raise UsageError(f"{path} holds a key of another kind: remove it for a new one.")
    return found


def _make(path: Path) -> Ed25519PrivateKey:
    made = Ed25519PrivateKey.generate()
    pem = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _put(path, pem.decode())
    return made


def _put(path: Path, text: str) -> None:
    """Write a file that is the user's alone, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(fresh, path)


def _raw(key: Ed25519PublicKey) -> str:
    raw: bytes = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return raw.hex()


def _own_name() -> str:
    with contextlib.suppress(KeyError, OSError):
        return f"{getpass.getuser()}@{socket.gethostname()}"
    return ""
