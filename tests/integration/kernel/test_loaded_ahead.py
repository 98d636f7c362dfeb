"""What the first step needs is there before it, where the kernel had a moment."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from front_end import Kernel

ENGINE = "'steppe.engine.resolve' in __import__('sys').modules"
OPENED = "any(name in vars(get_ipython().steppe_cells.session) for name in ('catalog', 'store'))"


@pytest.fixture
def fresh(tmp_path) -> Iterator[Kernel]:
    (tmp_path / "pyproject.toml").write_text("")
    kernel = Kernel()
    kernel.silently(f"import os; os.chdir({str(tmp_path)!r})")
    yield kernel
    kernel.close()


def test_an_idle_kernel_loads_what_the_first_step_needs_and_opens_nothing(fresh, tmp_path):
    assert fresh.run("%load_ext steppe").text == ""
    ends = time.monotonic() + 30
    while not fresh.silently_true(ENGINE):
        assert time.monotonic() < ends
        time.sleep(0.05)
    assert not fresh.silently_true(OPENED)
    assert [path.name for path in tmp_path.iterdir()] == ["pyproject.toml"]
    assert fresh.late == []
    assert fresh.run("%%step s\nx = 1\nx").text == "1\n"
    assert fresh.silently_true(OPENED)


def test_a_kernel_that_is_told_to_unload_at_once_loads_nothing_more(fresh):
    fresh.run("%load_ext steppe\n%unload_ext steppe\nfor name in [*__import__('sys').modules]:\n    pass")
    time.sleep(0.5)
    assert not fresh.silently_true(ENGINE)
