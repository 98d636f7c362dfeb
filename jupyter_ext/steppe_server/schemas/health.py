"""Whether the server extension is there, and what it can do."""

from __future__ import annotations

from steppe_server.schemas.struct import Answer


class Health(Answer, frozen=True, kw_only=True):
    """Steppe's version, and the nouns that it answers for."""

    version: str
    features: list[str]
