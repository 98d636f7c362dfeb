"""Writes the SQL dumps of the newest schema into `released/`: run once, when a version with a new revision is released.

PYTHONPATH=tests/integration:tests/integration/catalog python tests/integration/catalog/release.py
"""

import sqlite3
import subprocess
import tempfile
from contextlib import closing

from postgres import programs, running
from test_catalog_migrations import RELEASED, fill

from steppe.catalog.schema import HEAD

with tempfile.TemporaryDirectory() as folder:
    fill(f"sqlite:///{folder}/catalog.db")
    with closing(sqlite3.connect(f"{folder}/catalog.db")) as connection:
        dump = "PRAGMA journal_mode=WAL;\n" + "\n".join(connection.iterdump()) + "\n"
    (RELEASED / f"{HEAD}.sqlite.sql").write_text(dump, "utf-8")

with running() as server:
    url = server.database()
    fill(url)
    command = [programs() / "pg_dump", "--inserts", "--no-owner", "--no-privileges", "--dbname", url]
    dump = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = [
        line for line in dump.splitlines() if line and not line.startswith(("--", "SET ", "SELECT pg_catalog.", "\\"))
    ]
    (RELEASED / f"{HEAD}.postgresql.sql").write_text("\n".join(lines) + "\n", "utf-8")
