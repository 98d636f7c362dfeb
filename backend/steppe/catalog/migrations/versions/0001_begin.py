"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WORD = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "aliases",
        sa.Column("version", WORD, primary_key=True),
        sa.Column("stored", WORD, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "artifacts",
        sa.Column("version", WORD, primary_key=True),
        sa.Column("type", WORD, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("preview", WORD, nullable=False),
        sa.Column("more", sa.LargeBinary),
        sa.Column("part", sa.LargeBinary),
        sa.Column("anchored", sa.SmallInteger, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
    )
    op.create_index("artifacts_by_created_version", "artifacts", ["created", "version"])
    op.create_index("artifacts_by_type_created_version", "artifacts", ["type", "created", "version"])
    op.create_table(
        "attempts",
        sa.Column("id", WORD, primary_key=True),
        sa.Column("step_run", WORD, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("executor", WORD, nullable=False),
        sa.Column("handle", WORD, nullable=False),
        sa.Column("task", WORD),
        sa.Column("started", sa.Double, nullable=False),
        sa.Column("ended", sa.Double),
        sa.Column("state", WORD, nullable=False),
        sa.Column("end", WORD, nullable=False),
        sa.Column("more", sa.LargeBinary),
    )
    op.create_index("attempts_by_state_id", "attempts", ["state", "id"])
    op.create_index("attempts_by_step_run_number", "attempts", ["step_run", "number"])
    op.create_table(
        "claims",
        sa.Column("key", WORD, primary_key=True),
        sa.Column("holder", WORD, nullable=False),
        sa.Column("attempt", WORD, nullable=False),
        sa.Column("executor", WORD, nullable=False),
        sa.Column("handle", WORD, nullable=False),
        sa.Column("expires", sa.Double, nullable=False),
        sa.Column("label", WORD, nullable=False),
    )
    op.create_table(
        "documents",
        sa.Column("id", WORD, primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "entries",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("key", WORD, nullable=False),
        sa.Column("trace_digest", WORD, nullable=False),
        sa.Column("result", WORD, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("expires", sa.Double),
        sa.Column("step_run", WORD, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("used", sa.Double, nullable=False),
        sa.Column("more", sa.LargeBinary),
        sqlite_autoincrement=True,
    )
    op.create_index("entries_by_key_trace_digest", "entries", ["key", "trace_digest"], unique=True)
    op.create_index("entries_by_step_run", "entries", ["step_run"])
    op.create_table(
        "hazards",
        sa.Column("reader_notebook", WORD, primary_key=True),
        sa.Column("reader_step", WORD, primary_key=True),
        sa.Column("writer_notebook", WORD, primary_key=True),
        sa.Column("writer_step", WORD, primary_key=True),
        sa.Column("path", WORD, primary_key=True),
        sa.Column("seen", sa.Double, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("hazards_by_writer_notebook_writer_step", "hazards", ["writer_notebook", "writer_step"])
    op.create_table(
        "latest_metrics",
        sa.Column("step_run", WORD, primary_key=True),
        sa.Column("name", WORD, primary_key=True),
        sa.Column("step", sa.BigInteger),
        sa.Column("value", sa.Double),
        sa.Column("time", sa.Double, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "leases",
        sa.Column("holder", WORD, primary_key=True),
        sa.Column("blob", WORD, primary_key=True),
        sa.Column("expires", sa.Double, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("leases_by_blob_expires", "leases", ["blob", "expires"])
    op.create_table(
        "metrics",
        sa.Column("step_run", WORD, primary_key=True),
        sa.Column("name", WORD, primary_key=True),
        sa.Column("id", WORD, primary_key=True),
        sa.Column("step", sa.BigInteger),
        sa.Column("value", sa.Double),
        sa.Column("time", sa.Double, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "name_moves",
        sa.Column("name", WORD, primary_key=True),
        sa.Column("id", WORD, primary_key=True),
        sa.Column("version", WORD),
        sa.Column("author", WORD, nullable=False),
        sa.Column("time", sa.Double, nullable=False),
        sa.Column("note", WORD, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "names",
        sa.Column("name", WORD, primary_key=True),
        sa.Column("version", WORD, nullable=False),
        sa.Column("author", WORD, nullable=False),
        sa.Column("time", sa.Double, nullable=False),
        sa.Column("note", WORD, nullable=False),
    )
    op.create_table(
        "notes",
        sa.Column("id", WORD, primary_key=True),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("subject", WORD, nullable=False),
        sa.Column("text", WORD, nullable=False),
        sa.Column("author", WORD, nullable=False),
        sa.Column("time", sa.Double, nullable=False),
    )
    op.create_index("notes_by_kind_subject_id", "notes", ["kind", "subject", "id"])
    op.create_table(
        "pins",
        sa.Column("kind", WORD, primary_key=True),
        sa.Column("target", WORD, primary_key=True),
        sa.Column("reason", WORD, nullable=False),
        sa.Column("time", sa.Double, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "runs",
        sa.Column("id", WORD, primary_key=True),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("notebook", WORD, nullable=False),
        sa.Column("path", WORD, nullable=False),
        sa.Column("owner", WORD, nullable=False),
        sa.Column("host", WORD, nullable=False),
        sa.Column("pid", sa.BigInteger, nullable=False),
        sa.Column("started", sa.Double, nullable=False),
        sa.Column("ended", sa.Double),
        sa.Column("status", WORD, nullable=False),
        sa.Column("commit", WORD, nullable=False),
        sa.Column("lock", WORD),
        sa.Column("more", sa.LargeBinary),
    )
    op.create_index("runs_by_commit_id", "runs", ["commit", "id"])
    op.create_index("runs_by_notebook_id", "runs", ["notebook", "id"])
    op.create_index("runs_by_owner_id", "runs", ["owner", "id"])
    op.create_index("runs_by_status_id", "runs", ["status", "id"])
    op.create_table(
        "step_runs",
        sa.Column("id", WORD, primary_key=True),
        sa.Column("run", WORD, nullable=False),
        sa.Column("notebook", WORD, nullable=False),
        sa.Column("step", WORD, nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("cell", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("key", WORD),
        sa.Column("why", WORD, nullable=False),
        sa.Column("executor", WORD, nullable=False),
        sa.Column("started", sa.Double, nullable=False),
        sa.Column("ended", sa.Double),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("error", WORD, nullable=False),
        sa.Column("entry", WORD, nullable=False),
        sa.Column("result", WORD),
        sa.Column("more", sa.LargeBinary),
        sa.Column("source", WORD),
        sa.Column("ingredients", WORD),
        sa.Column("trace", WORD),
    )
    op.create_index("step_runs_by_entry_id", "step_runs", ["entry", "id"])
    op.create_index("step_runs_by_executor_id", "step_runs", ["executor", "id"])
    op.create_index("step_runs_by_key_id", "step_runs", ["key", "id"])
    op.create_index("step_runs_by_notebook_state_id", "step_runs", ["notebook", "state", "id"])
    op.create_index("step_runs_by_notebook_step_part_id", "step_runs", ["notebook", "step", "part", "id"])
    op.create_index("step_runs_by_run_id_state", "step_runs", ["run", "id", "state"])
    op.create_index("step_runs_by_state_id", "step_runs", ["state", "id"])
    op.create_table(
        "steps",
        sa.Column("notebook", WORD, primary_key=True),
        sa.Column("step", WORD, primary_key=True),
        sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("first", WORD, nullable=False),
        sa.Column("last", WORD, nullable=False),
        sa.Column("facts", WORD, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("steps_by_last", "steps", ["last"])
    op.create_table(
        "tags",
        sa.Column("kind", WORD, primary_key=True),
        sa.Column("subject", WORD, primary_key=True),
        sa.Column("tag", WORD, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("tags_by_kind_tag_subject", "tags", ["kind", "tag", "subject"])
    op.create_table(
        "uses",
        sa.Column("kind", WORD, primary_key=True),
        sa.Column("name", WORD, primary_key=True),
        sa.Column("notebook", WORD, primary_key=True),
        sa.Column("step", WORD, primary_key=True),
        sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", WORD, primary_key=True),
        sa.Column("seen", WORD, nullable=False),
        sa.Column("current", sa.SmallInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("uses_by_notebook_step_part", "uses", ["notebook", "step", "part"])
    op.create_table(
        "entry_blobs",
        sa.Column(
            "entry", NUMBER, sa.ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
        ),
        sa.Column("blob", WORD, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "step_inputs",
        sa.Column("step_run", WORD, sa.ForeignKey("step_runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("name", WORD, primary_key=True),
        sa.Column("version", WORD, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("step_inputs_by_version_step_run", "step_inputs", ["version", "step_run"])
    op.create_table(
        "step_outputs",
        sa.Column("step_run", WORD, sa.ForeignKey("step_runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("name", WORD, primary_key=True),
        sa.Column("version", WORD, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("step_outputs_by_version_step_run", "step_outputs", ["version", "step_run"])
