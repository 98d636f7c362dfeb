"""Each option of `%%step` does what its help says, from the line, from metadata and from a profile."""

from __future__ import annotations

import os
import time

import pytest

from steppe.analysis.options import from_mapping
from steppe.engine.gather import option_ingredients


def runs(notebook, source, times=2):
    """Run a cell in as many new sessions, and return what became of it in each."""
    found = []
    for _ in range(times):
        notebook.restart()
        notebook.run(source)
        found.append(notebook.states[-1])
    return found


def test_without_options_the_second_session_hits(notebook):
    assert runs(notebook, "%%step a\nx = 1") == ["succeeded", "hit"]


def test_cache_false_always_runs_and_says_so(notebook):
    assert runs(notebook, "%%step a cache=false\nx = 1") == ["succeeded", "succeeded"]
    assert "cache=false" in notebook.why


def test_setup_true_always_runs_and_is_part_of_later_keys(notebook):
    notebook.run("%%step s setup=true\nstate = {}\nstate['k'] = 1")
    notebook.run("%%step a\nx = 1")
    assert notebook.states == ["setup", "succeeded"]
    notebook.restart()
    notebook.run("%%step s setup=true\nstate = {}\nstate['k'] = 2")
    notebook.run("%%step a\nx = 1")
    assert notebook.states == ["setup", "succeeded"]
    assert "setup" in notebook.why


def test_setup_false_caches_what_would_be_setup(notebook):
    notebook.run("import json")
    assert runs(notebook, "%%step a setup=false\nimport json") == ["succeeded", "hit"]


def test_expires_lets_a_clock_reader_be_kept_for_a_while(notebook, monkeypatch):
    source = "%%step a expires=1h\nimport time\nnow = time.time()"
    assert runs(notebook, source) == ["succeeded", "hit"]
    first = notebook["now"]
    later = time.time() + 3601
    monkeypatch.setattr(time, "time", lambda: later)
    notebook.restart()
    notebook.run(source)
    assert notebook.states == ["succeeded"]
    assert "expired" in notebook.why
    assert notebook["now"] != first


def test_without_expires_a_clock_reader_always_runs(notebook):
    assert runs(notebook, "%%step a\nimport time\nnow = time.time()") == ["succeeded", "succeeded"]
    assert "expires=" in notebook.why


def test_source_runs_the_step_again_when_its_value_changes(notebook):
    notebook.folder.joinpath("stamp").write_text("1")
    source = "%%step a source={open('stamp').read()}\nx = 1"
    assert runs(notebook, source) == ["succeeded", "hit"]
    notebook.folder.joinpath("stamp").write_text("2")
    assert runs(notebook, source, 1) == ["succeeded"]
    assert notebook.why == "source open('stamp').read() was '1', is '2'"


def test_files_adds_what_cannot_be_seen(notebook):
    notebook.folder.joinpath("data.bin").write_text("1")
    source = "%%step a files=data.bin\nx = 1"
    assert runs(notebook, source) == ["succeeded", "hit"]
    notebook.folder.joinpath("data.bin").write_text("2")
    assert runs(notebook, source, 1) == ["succeeded"]
    assert "data.bin" in notebook.why


def test_files_takes_patterns_and_a_new_file_counts(notebook):
    notebook.folder.joinpath("data").mkdir()
    notebook.folder.joinpath("data", "a.csv").write_text("1")
    source = "%%step a files=data/*.csv\nx = 1"
    assert runs(notebook, source) == ["succeeded", "hit"]
    notebook.folder.joinpath("data", "b.csv").write_text("2")
    assert runs(notebook, source, 1) == ["succeeded"]
    notebook.folder.joinpath("data", "a.csv").write_text("3")
    assert runs(notebook, source, 1) == ["succeeded"]


def test_inputs_replace_what_the_code_shows(notebook):
    source = "%%step a inputs=x\ny = x + noise"
    for noise, state in ((1, "succeeded"), (2, "hit")):
        notebook.restart()
        notebook.run(f"x = 1\nnoise = {noise}")
        notebook.run(source)
        assert notebook.states == [state]
    notebook.restart()
    notebook.run("x = 2\nnoise = 1")
    notebook.run(source)
    assert notebook.states == ["succeeded"]
    assert notebook["y"] == 3


def test_outputs_keep_only_what_they_name(notebook):
    source = "%%step a outputs=x\nx = 1\ny = 2"
    notebook.run(source)
    assert notebook["y"] == 2
    notebook.restart()
    notebook.run(source)
    assert notebook.states == ["hit"]
    assert notebook["x"] == 1
    assert "y" not in notebook.shell.user_ns


def test_an_output_that_is_not_named_may_be_anything(notebook):
    assert runs(notebook, "%%step a outputs=x\nhandle = open('f', 'w')\nx = 1") == ["succeeded", "hit"]


@pytest.mark.parametrize(("env", "kinds"), [("imports", True), ("lock", True), ("ignore", False)])
def test_env_says_which_packages_are_in_the_key(notebook, env, kinds):
    notebook.run("import numpy as np")
    notebook.run(f"%%step a env={env}\nx = np.zeros(2)")
    packages = [item.name for item in notebook.steps[-1].gathered.ingredients if item.kind == "package"]
    assert ("numpy" in packages) is kinds
    assert ("nbformat" in packages) is (env == "lock")


def test_a_seed_makes_numbers_the_same_without_being_asked_each_time(notebook):
    notebook.run("import random, numpy as np")
    source = "%%step a cache=false seed=7\nx = random.random(), np.random.rand()"
    notebook.run("%%step a seed=7\nx = random.random(), np.random.rand()")
    first = notebook["x"]
    notebook.run("%%step b seed=7\ny = random.random(), np.random.rand()")
    assert notebook["y"] == first
    notebook.run("%%step c seed=8\nz = random.random(), np.random.rand()")
    assert notebook["z"] != first
    assert source


def test_without_a_seed_one_is_derived_from_the_key_and_generators_go_on_as_they_were(notebook):
    import random

    notebook.run("import random")
    before = random.getstate()
    source = "%%step a\nx = random.random()"
    notebook.run(source)
    first = notebook["x"]
    assert random.getstate() == before
    notebook.run("%steppe clear a")
    notebook.run(source)
    assert notebook.states == ["succeeded", "succeeded"]
    assert notebook["x"] == first


def test_seed_none_leaves_the_generators_alone(notebook):
    import random

    notebook.run("import random")
    before = random.getstate()
    notebook.run("%%step a seed=none\nx = random.random()")
    assert random.getstate() != before
    random.setstate(before)
    assert notebook["x"] == random.random()


def test_wait_false_is_refused_for_a_step_in_the_kernel(notebook):
    said = notebook.run("%%step a on=inline wait=false\nx = 1")
    assert "wait=false" in said
    assert "on=inline" in said
    assert "x" not in notebook.shell.user_ns
    assert len(said.strip().splitlines()) == 1


def test_a_profile_gives_options_and_the_line_wins(notebook):
    (notebook.folder / "pyproject.toml").write_text(
        "[tool.steppe.profiles.quick]\ncache = false\nseed = 7\nfiles = ['f']\n"
    )
    notebook.restart()
    notebook.run("%%step a profile=quick\nx = 1")
    assert notebook.steps[-1].request.options.seed == 7
    assert notebook.states == ["succeeded"]
    assert "cache=false" in notebook.why
    notebook.run("%%step b profile=quick cache=true seed=8\nx = 1")
    options = notebook.steps[-1].request.options
    assert (options.cache, options.seed, options.files) == (True, 8, ("f",))


def test_an_unknown_profile_is_refused_with_those_there_are(notebook):
    (notebook.folder / "pyproject.toml").write_text("[tool.steppe.profiles.quick]\ncache = false\n")
    notebook.restart()
    said = notebook.run("%%step a profile=quik\nx = 1")
    assert "profile=quik" in said
    assert "quick" in said
    assert "x" not in notebook.shell.user_ns


def test_an_expression_takes_its_value_from_the_notebook(notebook):
    notebook.run("number = 11\nmine = 'made ' + 'up'")
    notebook.run("%%step {mine} seed={number * 2} files={['a', 'b c']}\nx = 1")
    request = notebook.steps[-1].request
    assert (request.name, request.options.seed, request.options.files) == ("made up", 22, ("a", "b c"))


def test_metadata_gives_options_and_the_line_wins(notebook):
    notebook.run("%%step a seed=3\nx = 1", seed=2, cache=False)
    options = notebook.steps[-1].request.options
    assert (options.seed, options.cache) == (3, False)
    notebook.run("y = 1", step=True, name="named", seed=5)
    request = notebook.steps[-1].request
    assert (request.name, request.options.seed) == ("named", 5)


def test_metadata_that_does_not_fit_is_refused(notebook):
    said = notebook.run("y = 1", step=True, sed=5)
    assert "no option `sed`: did you mean `seed`?" in said
    assert "y" not in notebook.shell.user_ns


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("gpus=1", "no option `gpus`: did you mean `gpu`?"),
        ("a on=", "on=: name an executor"),
        ("a on=proces", "on=proces"),
        ("a cpu=0", "cpu=0: give a number of cores above 0"),
        ("a cpu=many", "cpu=many: give a number"),
        ("a memory=lots", "memory=lots: give a size, such as 16Gi"),
        ("a gpu=half", "gpu=half: give a whole number of GPUs"),
        ("a nodes=0", "nodes=0: give a whole number of nodes, 1 to 1000"),
        ("a nodes=1001", "nodes=1001: give a whole number of nodes"),
        ("a nodes=2 setup=true", "nodes=2: a setup cell runs in the kernel"),
        ("a retries=-1", "retries=-1: give a whole number, 0 or more"),
        ("a timeout=soon", "timeout=soon: give a duration"),
        ("a cache=maybe", "cache=maybe: give true or false"),
        ("a expires=0", "expires=0: give a duration"),
        ("a source=1+", "source=1+: give a Python expression"),
        ("a source={nope}", "source=nope: NameError: name 'nope' is not defined"),
        ("a files=,", "files=,: give paths or patterns"),
        ("a inputs=1x", "inputs=1x: give names of variables"),
        ("a outputs=a-b", "outputs=a-b: give names of variables"),
        ("a env=all", "env=all: give imports, lock or ignore"),
        ("a seed=-1", "seed=-1: give a whole number"),
        ("a setup=2", "setup=2: give true or false"),
        ("a wait=later", "wait=later: give true or false"),
        ("a profile=none", "profile=none: no such table"),
        ("a b", "`b` is a second one"),
        ("a seed = 1", "without spaces around `=`"),
        ("a seed=1 seed=2", "gives `seed` twice"),
        ("cache", "write cache=true"),
        ("'a", "a quote (') is not closed"),
        ("a seed={", "is not an expression in braces"),
    ],
)
def test_what_does_not_fit_is_refused_before_the_cell_runs(notebook, line, said):
    shown = notebook.run(f"%%step {line}\nran = True")
    assert said in shown
    assert len(shown.strip().splitlines()) == 1, "one sentence, no traceback"
    assert not notebook.result.success
    assert "ran" not in notebook.shell.user_ns
    assert notebook.steps == []


def test_expressions_on_the_line_see_values_that_are_not_loaded_yet(notebook):
    source = "%%step a\nclass Many:\n    pass\nmany = Many(); many.n = 5; many.pad = 'x' * 50_000"
    notebook.run(source)
    notebook.restart()
    notebook.run(source)
    assert notebook.states == ["hit"]
    notebook.run("%%step b seed={many.n}\nx = 1")
    assert notebook.steps[-1].request.options.seed == 5


def test_the_working_directory_of_the_kernel_does_not_matter_for_the_project(notebook, tmp_path):
    deep = tmp_path / "deep"
    deep.mkdir()
    os.chdir(deep)
    notebook.restart()
    notebook.run("%%step a\nx = 1")
    assert (tmp_path / ".steppe" / "catalog.db").exists()
    assert (tmp_path / ".steppe" / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("on=inline nodes=2", "on=inline nodes=: the kernel is one process. Give on=kubernetes"),
        ("on=process nodes=2", "nodes=2 was asked for, and this machine is one: several nodes need on=kubernetes"),
        ("on=ray nodes=2", "nodes=2 was asked for, and a Ray task runs on one: several need on=kubernetes"),
        ("nodes=2", "Give on=kubernetes, or set a cluster for such steps"),
    ],
)
def test_several_nodes_need_a_cluster(notebook, line, said):
    assert said in notebook.run(f"%%step a {line}\nran = True")
    assert "ran" not in notebook.shell.user_ns


def test_how_many_nodes_run_a_step_is_in_its_key_where_there_are_several():
    def of(**options):
        return list(option_ingredients(from_mapping(options)))

    assert of(nodes="1") == of(gpu="1") == []
    assert [(each.name, each.version) for each in of(nodes="4")] == [("nodes", "4")]
