"""The SQL that is shipped is that of the schema, and all of it is used."""

import ast
import re
from pathlib import Path

import pytest
from sqlalchemy.schema import CreateTable

import steppe.catalog
from steppe.catalog import compile as compiling
from steppe.catalog import queries, rows, shipped, tables
from steppe.catalog.queries.dialect import NAMES, Dialect

FOLDER = Path(steppe.catalog.__file__).parent


@pytest.mark.parametrize("path", compiling.files(), ids=lambda path: path.name)
def test_the_shipped_sql_is_what_the_queries_compile_to(path):
    wanted = compiling.files()[path]
    assert path.read_text("utf-8").split() == wanted.split(), "run: python -m steppe.catalog.compile"


def test_every_statement_is_used_and_every_used_one_is_there():
    text = "\n".join(path.read_text("utf-8") for path in FOLDER.glob("*.py"))
    used = {node.value for node in ast.walk(ast.parse(text.replace("from __future__ import annotations", "")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)}  # fmt: skip
    used |= {f"upkeep.count_{table.name}" for table in queries.upkeep.COUNTED}
    used |= {f"step_runs.last{useful}{part}" for useful in ("", "_useful") for part in ("", "_of_part")}
    used |= {f"step_runs.{verb}" for side in ("input", "output") for verb in (f"clear_{side}s", f"add_{side}")}
    there = set(queries.statements(Dialect("sqlite")))
    nouns = {name.partition(".")[0] for name in there}
    assert there <= used
    assert {word for word in used if word.partition(".")[0] in nouns and re.search(r"\.\w*[a-z]$", word)} <= there


@pytest.mark.parametrize("name", NAMES)
def test_both_databases_have_the_same_statements(name):
    assert list(shipped.statements(name)) == list(queries.statements(Dialect("sqlite")))


def test_no_statement_brings_a_value_of_its_own():
    dialect = Dialect("sqlite")
    for statement in queries.statements(dialect).values():
        _, parameters = dialect.compile(statement)
        assert set(parameters.values()) <= {None}


def test_a_shape_s_columns_are_those_of_its_table():
    for shape, table in (
        (rows.RUN, tables.RUNS),
        (rows.STEP_RUN, tables.STEP_RUNS),
        (rows.ATTEMPT, tables.ATTEMPTS),
        (rows.CLAIM, tables.CLAIMS),
        (rows.ENTRY, tables.ENTRIES),
        (rows.ARTIFACT, tables.ARTIFACTS),
        (rows.NOTE, tables.NOTES),
        (rows.NAME, tables.NAMES),
        (rows.PIN, tables.PINS),
        (rows.SCHEDULE, tables.SCHEDULES),
        (rows.DUE, tables.DUES),
    ):
        assert set(shape.columns) <= set(table.columns.keys())
        assert shape.more == ("more" in table.c)


def test_no_index_has_a_column_of_any_length():
    from steppe.catalog.database.packing import SHOWN

    for table in tables.METADATA.sorted_tables:
        for keys in (table.primary_key.columns, *(index.columns for index in table.indexes)):
            assert not SHOWN & set(keys.keys()), f"{table.name}: {keys.keys()}"


def test_text_sorts_by_its_bytes_on_postgresql():
    compiler = Dialect("postgresql").compiler
    for table in tables.METADATA.sorted_tables:
        text = str(CreateTable(table).compile(dialect=compiler))
        assert text.count("TEXT") == text.count('TEXT COLLATE "C"'), table.name
