"""How digests and the names of records become relative paths, the same in every Store. Pure: no I/O."""

from __future__ import annotations

import re

from steppe.types import Digest

PREFIX = "b3:"
BLOBS = "blobs"
RECORDS = "records"
LEAF = "="
"""Ends the file of a record, and no part of a name: so the record `a` and the folder of `a/b` never meet."""

_HEX = re.compile(r"[0-9a-f]{64}")
_PART = re.compile(r"[A-Za-z0-9._-]{1,200}")
_LONGEST = 700  # an object store's keys end at 1024 bytes, and the user's own prefix stands before them


def hex_of(digest: Digest) -> str:
    """Return the 64 hex digits of a digest.

    Raises:
        ValueError: it is not written as a digest.
    """
    if digest.startswith(PREFIX) and _HEX.fullmatch(digest, len(PREFIX)):
        return digest[len(PREFIX) :]
    raise ValueError(f"{digest!r} is not a digest: one is written `b3:` and 64 hex digits.")


def blob_key(digest: Digest) -> str:
    """Return where a blob is: `blobs/ab/cdef…`."""
    digits = hex_of(digest)
    return f"{BLOBS}/{digits[:2]}/{digits[2:]}"


def digest_at(folder: str, name: str) -> Digest | None:
    """Return the digest of the blob at `blobs/<folder>/<name>`, or None when no blob is called that."""
    digits = folder + name
    return PREFIX + digits if len(folder) == 2 and _HEX.fullmatch(digits) else None


def checked_name(name: str) -> str:
    """Return a record's name as it is.

    Raises:
        ValueError: it is not one.
    """
    parts = name.split("/")
    if len(name) > _LONGEST or not all(_PART.fullmatch(part) and part not in {".", ".."} for part in parts):
        raise ValueError(
            f"{name!r} can't name a record: write parts of letters, digits, `.`, `_` and `-`, at most 200 each and "
            f"{_LONGEST} in all, with `/` between them."
        )
    return name


def record_key(name: str) -> str:
    """Return where a record is: `records/attempts/8f2c/result=`."""
    return f"{RECORDS}/{checked_name(name)}{LEAF}"
