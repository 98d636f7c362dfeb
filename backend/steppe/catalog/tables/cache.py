"""What can be had again: entries by key, artifacts by version; and who is making or using what just now."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, SmallInteger, Table

from steppe.catalog.tables.columns import (
    METADATA,
    key,
    maybe_real,
    more,
    number,
    of_entry,
    real,
    serial,
    word,
)

# One row for each key and set of observations. Ids are never given twice: `gc` names entries by them. An entry's
# artifacts are the outputs of its StepRun.
ENTRIES = Table(
    "entries",
    METADATA,
    serial(),
    word("key"),
    word("trace_digest"),
    word("result"),
    real("seconds"),
    real("created"),
    maybe_real("expires"),
    word("step_run"),
    number("size"),
    real("used"),
    more(),
    Index(None, "key", "trace_digest", unique=True),
    Index(None, "step_run"),
    sqlite_autoincrement=True,
)

# All blobs that an entry needs: its result, its artifacts' parts, the files that it puts back. There is no index by
# blob: who asks by blob reads all of them, and each index of random keys makes every `keep` write more pages.
ENTRY_BLOBS = Table(
    "entry_blobs",
    METADATA,
    of_entry(),
    key("blob"),
    sqlite_with_rowid=False,
)

# `part` is null where the bytes are no longer kept: the artifact is then known to history alone.
ARTIFACTS = Table(
    "artifacts",
    METADATA,
    key("version"),
    word("type"),
    number("size"),
    word("preview"),
    more(),
    Column("part", LargeBinary),
    Column("anchored", SmallInteger, nullable=False),
    real("created"),
    Index(None, "created", "version"),
    Index(None, "type", "created", "version"),
)

# The version that a reloaded value turns out to have, and the version under which it was stored.
ALIASES = Table("aliases", METADATA, key("version"), word("stored"), sqlite_with_rowid=False)

CLAIMS = Table(
    "claims",
    METADATA,
    key("key"),
    word("holder"),
    word("attempt"),
    word("executor"),
    word("handle"),
    real("expires"),
    word("label"),
)

# Blobs that a kernel has mapped: not to be removed until the lease ends.
LEASES = Table(
    "leases",
    METADATA,
    key("holder"),
    key("blob"),
    real("expires"),
    Index(None, "blob", "expires"),
    sqlite_with_rowid=False,
)
