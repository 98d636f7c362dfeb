"""What a process that was killed while it put a file back leaves beside it."""

import os

from steppe.engine.written import LEFT, sweep


def test_parts_of_files_that_killed_processes_left_are_removed_and_nothing_else(tmp_path):
    old, young, other, users = (
        tmp_path / name for name in (".steppe-a.part", ".steppe-b.part", ".steppe-c", "mine.part")
    )
    for path in (old, young, other, users):
        path.write_text("part")
        os.utime(path, (1000.0, 1000.0))
    os.utime(young, (5000.0, 5000.0))
    sweep(str(tmp_path), 1000.0 + LEFT + 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in (young, other, users))
