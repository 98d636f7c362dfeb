"""A long table is read by pages: quickly, and without the server growing."""

from __future__ import annotations

import asyncio

from tests.benchmarks.tables import made, measured

ROWS = 2_000_000


def test_a_page_of_two_million_rows_is_quick_and_needs_no_memory_of_the_server(tmp_path):
    told = asyncio.run(measured(made(ROWS, tmp_path), ROWS, tmp_path / "views"))
    assert told["page in the middle"] < 0.3
    assert told["page in the middle, sorted"] < 0.3
    assert told["memory: server"] < 100 * 2**20
    assert told["memory: process that reads, its own"] < 300 * 2**20
