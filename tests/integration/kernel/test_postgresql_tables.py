"""A step that reads a table of a PostgreSQL server: libpq connects in native code, where Python sees no socket."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from front_end import Kernel

READ = "rows = connection().execute('select day, count from visits order by day').fetchall()\nrows"


@pytest.fixture
def table(postgres):
    """A table with two rows; call it with SQL to change it."""
    url = postgres.database()

    def change(sql: str) -> str:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql)
        return url

    change("create table visits (day integer primary key, count integer)")
    change("insert into visits values (1, 30), (2, 28)")
    return change


def begin(kernel: Kernel, folder: Path, url: str) -> None:
    """Begin a notebook that knows the database."""
    kernel.begin(folder, steppe=False)
    kernel.silently(f"__session__ = {str(folder / 'book.ipynb')!r}")
    kernel.silently("get_ipython().extension_manager.load_extension('steppe')")
    kernel.run(
        f"import psycopg\nURL = {url!r}\ndef connection():\n    return psycopg.connect(URL, autocommit=True)\n"
        "def latest():\n    return connection().execute('select max(day), count(*) from visits').fetchone()"
    )


def test_a_row_that_was_added_is_a_miss_by_its_source_and_without_one_a_hit(kernel: Kernel, tmp_path, table):
    url = table("select 1")
    begin(kernel, tmp_path, url)
    step = "%%step read source={latest()}\n" + READ
    assert "[(1, 30), (2, 28)]" in kernel.run(step).text
    begin(kernel, tmp_path, url)
    assert "[(1, 30), (2, 28)]" in kernel.run(step).text
    assert kernel.states() == ["hit"]
    table("insert into visits values (3, 31)")
    begin(kernel, tmp_path, url)
    assert "[(1, 30), (2, 28), (3, 31)]" in kernel.run(step).text
    assert kernel.states() == ["succeeded"]
    assert kernel.whys() == ["source latest() was (2, 2), is (3, 3)"]


FRAME = """import warnings, pandas as pd
warnings.simplefilter('ignore')
rows = pd.read_sql('select * from visits', connection())
rows"""


@pytest.mark.parametrize("source", [READ, FRAME])
def test_without_a_source_a_step_that_asks_a_database_always_runs_and_says_so(kernel: Kernel, tmp_path, table, source):
    url = table("select 1")
    for _ in range(2):
        begin(kernel, tmp_path, url)
        kernel.run(f"%%step read\n{source}")
        assert kernel.states() == ["succeeded"]
    table("insert into visits values (3, 31)")
    begin(kernel, tmp_path, url)
    assert "31" in kernel.run(f"%%step read\n{source}").text
    assert kernel.whys()[0].startswith("it connects with psycopg")


def test_a_connection_that_is_open_already_tells_too(kernel: Kernel, tmp_path, table):
    url = table("select 1")
    shown = []
    for sql in ("select 1", "select 1", "insert into visits values (3, 31)"):
        table(sql)
        begin(kernel, tmp_path, url)
        kernel.run("held = connection()")
        shown.append(kernel.run("%%step read\nrows = held.execute('select * from visits').fetchall()\nrows").text)
        assert kernel.states() == ["succeeded"], kernel.whys()
    assert shown[0] == shown[1] != shown[2]
