"""What stands in for functions of libraries: from whichever name it is called, and as if nothing stood there."""

import importlib
import inspect
import math
import pickle
import sys
import types
import warnings

import pytest

from steppe.worker.native import ADAPTERS, watch_natives
from steppe.worker.trace import tracing

LIBRARY = """
import warnings

def connect(*, name="here"):
    "Connect."
    warnings.warn("old", DeprecationWarning, stacklevel=2)
    return name

class Connection:
    def __init__(self, name):
        self.name = name
"""


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A library of one of the names that are known, with a client in Python; forgotten at the end."""
    (tmp_path / "MySQLdb.py").write_text(LIBRARY)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "MySQLdb"
    sys.modules.pop("MySQLdb", None)


def outside(act):
    with tracing((watch_natives,)) as trace, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        act()
    return trace.outside


def test_a_client_in_c_that_was_imported_by_name_is_seen_by_that_name(monkeypatch):
    client = types.ModuleType("pyodbc")
    client.connect = math.hypot  # as good as any function in C
    user = types.ModuleType("mine")
    user.__file__, user.begin = "/home/me/mine.py", math.hypot
    monkeypatch.setitem(sys.modules, "pyodbc", client)
    monkeypatch.setitem(sys.modules, "mine", user)
    assert outside(lambda: user.begin(3, 4)) == ["it connects with pyodbc"]
    assert (user.begin, client.connect) == (math.hypot, math.hypot)


def test_a_module_in_the_place_of_a_library_s_is_looked_into(monkeypatch):
    client = types.ModuleType("pyodbc")
    client.connect = math.hypot
    monkeypatch.setitem(sys.modules, "pyodbc", client)
    was = types.ModuleType("shadowed")
    was.__file__ = sys.modules["textwrap"].__file__
    monkeypatch.setitem(sys.modules, "shadowed", was)
    assert outside(lambda: None) == []
    mine = types.ModuleType("shadowed")
    mine.__file__, mine.begin = "/home/me/shadowed.py", math.hypot
    monkeypatch.setitem(sys.modules, "shadowed", mine)
    for _ in range(2):
        assert outside(lambda: mine.begin(3, 4)) == ["it connects with pyodbc"]


def test_other_modules_of_a_library_are_looked_into_by_its_functions_names(monkeypatch):
    folder = sys.modules["textwrap"].__file__
    for name in ("pyodbc", "pyodbc.inner"):
        module = types.ModuleType(name)
        module.__file__, module.connect, module.hypot = folder, math.hypot, math.hypot
        monkeypatch.setitem(sys.modules, name, module)
    for _ in range(2):
        assert outside(lambda: sys.modules["pyodbc.inner"].hypot(3, 4)) == ["it connects with pyodbc"]


def test_what_a_session_imports_is_seen_in_every_trace(library):
    end = ADAPTERS.begin()
    try:
        connect = importlib.import_module(library).connect
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert connect(name="there") == "there"
        assert outside(connect) == outside(connect) == ["it connects with MySQLdb"]
        assert outside(lambda: None) == []
    finally:
        end()
    assert sys.modules[library].connect is not connect


def test_a_library_that_is_loaded_again_is_seen(library):
    end = ADAPTERS.begin()
    try:
        module = importlib.reload(importlib.import_module(library))
        assert outside(lambda: module.connect()) == ["it connects with MySQLdb"]
    finally:
        end()


def test_what_somebody_else_puts_there_stays(library):
    end = ADAPTERS.begin()
    module = importlib.import_module(library)
    module.connect = theirs = lambda: None
    assert outside(lambda: module.connect()) == []
    assert module.connect is theirs
    end()
    assert module.connect is theirs


def test_a_warning_names_the_line_of_the_caller(library):
    end = ADAPTERS.begin()
    connect = importlib.import_module(library).connect
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            line = inspect.currentframe().f_lineno + 1
            connect()
    finally:
        end()
    assert [(warning.filename, warning.lineno) for warning in caught] == [(__file__, line)]


def test_it_looks_and_moves_as_what_it_stands_for(library):
    plain = importlib.import_module(library)
    looks = [(inspect.signature(each), each.__doc__, each.__qualname__) for each in (plain.connect, plain.Connection)]
    source = inspect.getsource(plain.connect)
    end = ADAPTERS.begin()
    try:
        kept = plain.connect, plain.Connection
        assert [(inspect.signature(each), each.__doc__, each.__qualname__) for each in kept] == looks
        assert inspect.getsource(plain.connect) == source
        assert pickle.loads(pickle.dumps(kept)) == kept
        assert plain.Connection("a").name == "a"
    finally:
        end()
