"""Two kernels for all tests here: one that never hears of Steppe, and one that does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from front_end import Kernel


@pytest.fixture(scope="session")
def plain_kernel() -> Iterator[Kernel]:
    made = Kernel()
    yield made
    made.close()


@pytest.fixture(scope="session")
def steppe_kernel() -> Iterator[Kernel]:
    made = Kernel()
    yield made
    made.close()


@pytest.fixture
def kernel(steppe_kernel: Kernel, tmp_path) -> Kernel:
    """A kernel with Steppe on, in a new project."""
    (tmp_path / "pyproject.toml").write_text("")
    return steppe_kernel.begin(tmp_path)
