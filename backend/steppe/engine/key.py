"""The CacheKey: the digest of all that is known before a step runs. Made here alone; workers are given it."""

from __future__ import annotations

from collections.abc import Iterable

from blake3 import blake3

from steppe.types import Digest, Ingredient

FORM = "steppe key 2"
"""The form of keys. It changes when what goes into a key, or how values and code are versioned, changes its meaning."""


def cache_key(ingredients: Iterable[Ingredient]) -> Digest:
    """Return the key of a step: independent of the order in which its ingredients were found."""
    digest = blake3(FORM.encode())
    for kind, name, version in sorted({(item.kind, item.name, item.version) for item in ingredients}):
        for text in (kind, name, version):
            data = text.encode("utf-8", "surrogatepass")
            digest.update(b"%d:" % len(data))
            digest.update(data)
    return f"b3:{digest.hexdigest()}"
