"""Variables that are called after a library count once it is loaded, or was when the step ran that is a hit now."""

from __future__ import annotations

import sys
import types

import pytest

from steppe.worker.ambient.process import CALLED, LibraryVariables


@pytest.fixture
def made(monkeypatch):
    monkeypatch.setitem(CALLED, "STEPLIB", ("steplib",))

    def make(**variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return LibraryVariables()

    return make


def test_a_variable_counts_from_when_its_library_is_loaded(made, monkeypatch):
    adapter = made(STEPLIB_FAST="1")
    assert "STEPLIB_FAST" not in adapter.read()
    monkeypatch.setitem(sys.modules, "steplib", types.ModuleType("steplib"))
    assert adapter.read()["STEPLIB_FAST"] == "1"


def test_it_counts_after_a_hit_of_a_step_that_had_loaded_the_library(made):
    adapter = made(STEPLIB_FAST="1")
    adapter.write({"STEPLIB_FAST": "1"})
    assert adapter.read()["STEPLIB_FAST"] == "1"


def test_it_counts_as_it_was_at_the_start(made, monkeypatch):
    adapter = made(STEPLIB_FAST="1")
    monkeypatch.setitem(sys.modules, "steplib", types.ModuleType("steplib"))
    monkeypatch.setenv("STEPLIB_FAST", "2")
    assert adapter.read()["STEPLIB_FAST"] == "1"


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "PYDEVD_USE_FRAME_EVAL", "MPL_BACKEND", "STEPLIB_API_KEY"])
def test_where_a_kernel_happens_to_run_and_secrets_do_not_count(made, monkeypatch, name):
    adapter = made(**{name: "1"})
    for module in ("requests", "pydevd", "mpl", "steplib"):
        monkeypatch.setitem(sys.modules, module, types.ModuleType(module))
    assert name not in adapter.read()
