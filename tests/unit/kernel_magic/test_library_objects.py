"""Objects that a library's modules keep: a hit brings back the very object, or the step runs again."""

import importlib
import sys
from collections.abc import Iterator

import pytest

import steppe
from steppe.engine import modules

LIBRARY = """
class Domain:
    def __init__(self, name):
        self.name, self.seen = name, []
class Unit:
    def __init__(self, domain):
        self.domain = domain
ZZ, QQ = Domain("ZZ"), Domain("QQ")
UNIT = Unit(ZZ)
def domain():
    return ZZ
"""


@pytest.fixture
def library(tmp_path_factory, monkeypatch) -> Iterator[None]:
    home = tmp_path_factory.mktemp("a") / "site-packages"
    (home / "kept").mkdir(parents=True)
    (home / "kept" / "__init__.py").write_text("from kept.inner import ZZ, QQ, UNIT, domain\n")
    (home / "kept" / "inner.py").write_text(LIBRARY)
    monkeypatch.syspath_prepend(str(home))
    monkeypatch.setattr(modules, "LIBRARIES", (*modules.LIBRARIES, f"{home}/"))
    yield
    forget()


def forget() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "kept"]:
        del sys.modules[name]
    importlib.invalidate_caches()


def ran(notebook, *cells):
    """Run cells in a new session where the library is imported anew."""
    forget()
    notebook.restart()
    for number, cell in enumerate(cells):
        assert "Error" not in notebook.run(cell, cell_id=f"c{number}")
    return notebook


@pytest.mark.parametrize(
    ("bound", "found"),
    [
        ("x = kept.ZZ", "x is kept.ZZ"),
        ("x = [kept.domain()]", "x[0] is kept.ZZ"),
        ("x = {'u': kept.UNIT}", "x['u'] is kept.UNIT and x['u'].domain is kept.ZZ"),
        ("x = kept.ZZ\ny = [kept.ZZ]", "x is y[0] is kept.inner.ZZ"),
        ("from kept import QQ\nx = len([QQ])", "QQ is kept.QQ"),
        ("x = kept.UNIT.domain.seen", "x is kept.ZZ.seen or x is not kept.ZZ.seen and x == []"),
        ("import copy\nx = copy.copy(kept.ZZ)", "x is not kept.ZZ and x.seen is kept.ZZ.seen or x.seen == []"),
    ],
)
def test_what_a_module_keeps_comes_back_as_itself(notebook, library, bound, found):
    cells = ("import kept", f"%%step s\n{bound}", f"ok = {found}")
    assert ran(notebook, *cells)["ok"]
    assert ran(notebook, *cells)["ok"]
    assert notebook.states == ["hit"]


def test_a_hit_imports_the_module_that_keeps_it(notebook, library):
    cells = ("%%step s\nx = [__import__('kept').ZZ]", "import kept\nok = x[0] is kept.ZZ")
    assert ran(notebook, *cells)["ok"]
    assert ran(notebook, *cells)["ok"]
    assert notebook.states == ["hit"]


@pytest.mark.parametrize("change", ["kept.ZZ.name = 'N'", "kept.inner.ZZ = kept.ZZ = kept.QQ", "del kept.ZZ"])
def test_a_step_runs_again_where_what_is_kept_is_another(notebook, library, change):
    ran(notebook, "import kept", "1", "%%step s\nx = kept.domain()")
    ran(notebook, "import kept", f"{change}\n1", "%%step s\nx = kept.domain()", "ok = x is kept.domain()")
    assert notebook["ok"]
    assert notebook.states == ["succeeded"]


def test_a_step_that_has_changed_it_before_it_returned_it_runs_again(notebook, library):
    cells = ("import kept", "%%step s\nx = kept.ZZ\nx.name = 'N'", "ok = kept.ZZ.name")
    for _ in range(2):
        assert ran(notebook, *cells)["ok"] == "N"
    assert notebook.states == ["succeeded"]
    assert "kept.ZZ" in notebook.why


def test_a_change_to_what_is_kept_is_made_again_where_it_is_an_input(notebook, library):
    cells = ("import kept\nz = kept.ZZ", "%%step s\nz.seen.append(kept.QQ)", "ok = kept.ZZ.seen[0] is kept.QQ")
    for _ in range(2):
        assert ran(notebook, *cells)["ok"]
    assert notebook.states == ["hit"]


def test_two_steps_that_return_what_is_kept_return_one(notebook, library):
    cells = ("import kept", "%%step s\nx = kept.ZZ", "%%step t\ny = kept.domain()", "ok = x is y")
    for _ in range(2):
        assert ran(notebook, *cells)["ok"]
    assert notebook.states == ["hit", "hit"]


def test_what_a_module_keeps_is_loaded_outside_of_the_notebook_too(notebook, library):
    ran(notebook, "import kept", "%%step s\nx = [kept.ZZ]")
    assert steppe.load("s.x")[0] is notebook["kept"].ZZ
