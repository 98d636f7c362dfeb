"""Filters of warnings: a step leaves those that a late import sets, and runs again for those that the user sets."""

import importlib
import sys
import warnings
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from steppe.worker.ambient import adapter
from steppe.worker.ambient.filter_owners import Owners, plain

ODD = """
import warnings
class OddWarning(UserWarning):
    pass
warnings.filterwarnings("ignore", message="odd", category=UserWarning)
warnings.simplefilter("always", OddWarning)
def quiet():
    warnings.simplefilter("ignore")
"""
FIRST = "import warnings\ndef late():\n    import oddlib"


@pytest.fixture
def library(tmp_path, monkeypatch) -> Iterator[None]:
    """A library `oddlib`, the names of whose code are a library's, and filters as they are in a new kernel."""
    home = tmp_path / "site-packages"
    home.mkdir()
    (home / "oddlib.py").write_text(ODD)
    (home / "second.py").write_text("import warnings\nwarnings.filterwarnings('error', message='second')\n")
    monkeypatch.syspath_prepend(str(home))
    monkeypatch.setattr(adapter, "LIBRARIES", (*adapter.LIBRARIES, str(home)))
    with warnings.catch_warnings():
        warnings.filters[:] = [
            ("ignore", None, DeprecationWarning, None, 0),
            ("ignore", None, ImportWarning, None, 0),
            ("ignore", None, ResourceWarning, None, 0),
        ]
        yield
    forget()


def forget() -> None:
    for name in ("oddlib", "second"):
        sys.modules.pop(name, None)
    importlib.invalidate_caches()


def now() -> list[object]:
    """Return the filters that hold, the category by name: each session imports a class of its own."""
    return [(*plain(item)[:2], item[2].__name__, *plain(item)[3:]) for item in warnings.filters]


class Ran(NamedTuple):
    """What a run of cells showed: the filters after each, its steps' states, and why the last step was in its."""

    filters: list[object]
    states: list[str]
    why: str


def ran(notebook, cells, *, stepped=True) -> Ran:
    """Run cells in a new session."""
    start = list(warnings.filters)
    try:
        notebook.restart()
        found = []
        for number, cell in enumerate(cells):
            text = cell if stepped or not cell.startswith("%%step") else cell.partition("\n")[2]
            assert "Error" not in notebook.run(text, cell_id=f"c{number}")
            found.append(now())
        return Ran(found, notebook.states, notebook.why if stepped else "")
    finally:
        notebook.close()
        warnings.filters[:] = start
        forget()


@pytest.mark.parametrize(
    "cells",
    [
        ["%%step s\nlate()"],
        ["%%step s\nlate()", "import oddlib"],
        ["warnings.simplefilter('error')", "%%step s\nlate()", "warnings.simplefilter('once')", "import oddlib"],
        ["import second", "%%step s\nlate()", "import second, oddlib"],
        ["warnings.simplefilter('error', append=True)", "%%step s\nlate()"],
        ["%%step s\nlate()\nwarnings.simplefilter('error')", "import oddlib"],
        ["%%step s\nwarnings.simplefilter('error')\nlate()", "import oddlib"],
        ["%%step s\nlate()", "%%step t\nimport oddlib\noddlib.quiet()"],
        ["import second, oddlib", "%%step s\nwarnings.resetwarnings()"],
        ["warnings.simplefilter('ignore', ResourceWarning)", "%%step s\nlate()"],
        ["import oddlib", "%%step s\nwarnings.filterwarnings('ignore', message='odd', category=UserWarning)"],
    ],
)
def test_filters_are_the_same_plainly_with_steps_and_after_hits(notebook, library, cells):
    cells = [FIRST, *cells]
    plainly = ran(notebook, cells, stepped=False).filters
    assert ran(notebook, cells).filters == plainly
    warm = ran(notebook, cells)
    assert warm.filters == plainly
    assert "hit" in warm.states
    assert set(warm.states) <= {"hit", "setup"}


def test_what_else_was_imported_since_keeps_its_filters_after_a_hit(notebook, library):
    cells = [FIRST, "1", "%%step s\nlate()"]
    ran(notebook, cells)
    cells[1] = "__import__('second')"
    warm = ran(notebook, cells)
    assert warm.filters == ran(notebook, cells, stepped=False).filters
    assert warm.states == ["hit"], warm.why


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "warnings.filterwarnings('ignore', message='odd', category=UserWarning)"),
        ("1", "warnings.simplefilter('ignore', ImportWarning)"),
        ("warnings.simplefilter('error')", "warnings.simplefilter('error', append=True)"),
        ("import oddlib; oddlib", "import oddlib; oddlib.quiet()"),
    ],
)
def test_a_filter_of_the_users_is_in_the_key_though_it_equals_another(notebook, library, one, other):
    """Errors come first, so that the filter decides."""
    cells = [FIRST, "import oddlib", "warnings.simplefilter('error', UserWarning)", one, "%%step s\nx = 1"]
    ran(notebook, cells)
    cells[3] = other
    again = ran(notebook, cells)
    assert again.states == ["succeeded"]
    assert "warnings's setting" in again.why


def test_a_filter_that_an_import_puts_before_the_users_is_in_the_key(notebook, library):
    cells = [FIRST, "import oddlib", "warnings.simplefilter('error')", "%%step s\nx = 1"]
    ran(notebook, cells)
    other = [FIRST, "warnings.simplefilter('error')", "import oddlib", "%%step s\nx = 1"]
    assert ran(notebook, other).states == ["succeeded"]
    assert ran(notebook, cells).states == ["hit"]


def test_what_libraries_set_again_and_again_is_held_once(library):
    owners = Owners()
    try:
        for _ in range(50):
            forget()
            import second  # noqa: F401
    finally:
        owners.patches.undo()
    assert len(owners._of_libraries) == 1
