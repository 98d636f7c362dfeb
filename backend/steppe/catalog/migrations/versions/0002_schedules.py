"""Schedules and their due times."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WORD = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "schedules",
        sa.Column("id", WORD, primary_key=True),
        sa.Column("name", WORD, nullable=False),
        sa.Column("root", WORD, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("more", sa.LargeBinary),
    )
    op.create_index("schedules_by_root_name", "schedules", ["root", "name"], unique=True)
    op.create_table(
        "dues",
        sa.Column("schedule", WORD, primary_key=True),
        sa.Column("due", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("token", WORD, nullable=False),
        sa.Column("after", sa.Double, nullable=False),
        sa.Column("expires", sa.Double, nullable=False),
        sa.Column("run", WORD, nullable=False),
        sa.Column("open", sa.SmallInteger, nullable=False),
        sa.Column("more", sa.LargeBinary),
    )
    op.create_index("dues_by_open_schedule_due", "dues", ["open", "schedule", "due"])
