"""What happened: runs, step runs, their edges and uses, attempts and metrics."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, Table

from steppe.catalog.tables.columns import (
    METADATA,
    key,
    maybe,
    maybe_real,
    more,
    number,
    of_step_run,
    part,
    real,
    word,
)

RUNS = Table(
    "runs",
    METADATA,
    key("id"),
    word("kind"),
    word("notebook"),
    word("path"),
    word("owner"),
    word("host"),
    number("pid"),
    real("started"),
    maybe_real("ended"),
    word("status"),
    word("commit"),
    maybe("lock"),
    more(),
    Index(None, "notebook", "id"),
    Index(None, "status", "id"),
    Index(None, "owner", "id"),
    Index(None, "commit", "id"),
)

# What many StepRuns have in common (source, ingredients, trace), once each, by the digest of its bytes.
DOCUMENTS = Table("documents", METADATA, key("id"), Column("body", LargeBinary, nullable=False))

STEP_RUNS = Table(
    "step_runs",
    METADATA,
    key("id"),
    word("run"),
    word("notebook"),
    word("step"),
    Column("part", Integer, nullable=False),
    word("cell"),
    word("state"),
    maybe("key"),
    word("why"),
    word("executor"),
    real("started"),
    maybe_real("ended"),
    real("seconds"),
    word("error"),
    word("entry"),
    maybe("result"),
    more(),
    maybe("source"),
    maybe("ingredients"),
    maybe("trace"),
    Index(None, "run", "id", "state"),
    Index(None, "notebook", "step", "part", "id"),
    Index(None, "notebook", "state", "id"),
    Index(None, "state", "id"),
    Index(None, "executor", "id"),
    Index(None, "key", "id"),
    Index(None, "entry", "id"),
)

# The edges of an execution. A hit has those of the StepRun that it names as its entry.
STEP_INPUTS = Table(
    "step_inputs",
    METADATA,
    of_step_run(),
    key("name"),
    word("version"),
    Index(None, "version", "step_run"),
    sqlite_with_rowid=False,
)

STEP_OUTPUTS = Table(
    "step_outputs",
    METADATA,
    of_step_run(),
    key("name"),
    word("version"),
    Index(None, "version", "step_run"),
    sqlite_with_rowid=False,
)

# Each step's first and latest StepRun. `facts` is the digest of what the latest one used: while it stays the same,
# a run writes one row here and none to `uses`.
STEPS = Table(
    "steps",
    METADATA,
    key("notebook"),
    key("step"),
    part(),
    word("first"),
    word("last"),
    word("facts"),
    Index(None, "last"),
    sqlite_with_rowid=False,
)

# Every file, package, module, commit … that a step was ever seen to use. `seen`: the StepRun that wrote the row last;
# `current`: 1 where the step's latest StepRun uses it.
USES = Table(
    "uses",
    METADATA,
    key("kind"),
    key("name"),
    key("notebook"),
    key("step"),
    part(),
    key("version"),
    word("seen"),
    Column("current", SmallInteger, nullable=False),
    Index(None, "notebook", "step", "part"),
    sqlite_with_rowid=False,
)

ATTEMPTS = Table(
    "attempts",
    METADATA,
    key("id"),
    word("step_run"),
    Column("number", Integer, nullable=False),
    word("executor"),
    word("handle"),
    maybe("task"),
    real("started"),
    maybe_real("ended"),
    word("state"),
    word("end"),
    more(),
    Index(None, "step_run", "number"),
    Index(None, "state", "id"),
)

# `value` is null where it is not a number (SQLite has no NaN). Ids are the writer's, so that a batch that is written
# twice, since nobody heard that the first time had worked, adds nothing.
METRICS = Table(
    "metrics",
    METADATA,
    key("step_run"),
    key("name"),
    key("id"),
    Column("step", BigInteger),
    maybe_real("value"),
    real("time"),
    sqlite_with_rowid=False,
)

LATEST_METRICS = Table(
    "latest_metrics",
    METADATA,
    key("step_run"),
    key("name"),
    Column("step", BigInteger),
    maybe_real("value"),
    real("time"),
    sqlite_with_rowid=False,
)
