"""What a Job is called, and the labels that say whose it is. Pure text; knows nothing of a cluster."""

from __future__ import annotations

import re
import unicodedata

from blake3 import blake3

PREFIX = "steppe-"
MANAGED = "app.kubernetes.io/managed-by"
OWNER = ("project", "user", "notebook", "step", "run")
"""What the labels `steppe/…` tell of a step beside its attempt and its key."""

SELECTOR = f"{MANAGED}=steppe,steppe/attempt"
"""What selects all Jobs and pods of ours."""

LONGEST = 63
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


def job_name(attempt: str) -> str:
    """Return what an attempt's Job is found by: the name of one that has no key, else what its label says."""
    return PREFIX + attempt


def keyed_name(key: str, store: str) -> str:
    """Return the name of the Job of a key.

    All who share a store ask for the same name, and the API server gives it to one at a time.

    Args:
        key: the CacheKey.
        store: what tells the store from all others that pods may reach.
    """
    return PREFIX + blake3(f"{store}\0{key}".encode()).hexdigest()[:40]


def label_value(text: str) -> str:
    """Return a text as a label's value: 63 characters of `A-Za-z0-9._-`, with a letter or digit at both ends.

    Of what is too long the end is kept: the last parts of paths tell them apart.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _UNFIT.sub("-", plain).strip("-._")[-LONGEST:].strip("-._")


def labels(attempt: str, key: str | None, owner: dict[str, str]) -> dict[str, str]:
    """Return the labels of an attempt's Job and pod."""
    found = {MANAGED: "steppe", "steppe/attempt": attempt}
    if key:
        found["steppe/key"] = key.removeprefix("b3:")[:40]
    for name in OWNER:
        value = label_value(owner.get(name, ""))
        if value:
            found[f"steppe/{name}"] = value
    return found
