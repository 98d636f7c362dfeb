"""Turning Steppe on and off, twice, and in processes forked off."""

from __future__ import annotations

import os

import pytest
from IPython.core import inputtransformer2


def test_closing_a_session_twice_is_as_once(notebook):
    notebook.run("%%step a\nx = 1")
    session = notebook.shell.steppe_cells.session
    session.close()
    session.close()


def test_an_unused_session_closes(notebook):
    session = notebook.shell.steppe_cells.session
    session.close()
    assert not (notebook.folder / ".steppe").exists()


def test_loading_twice_changes_nothing(notebook):
    cells = notebook.shell.steppe_cells
    notebook.run("%load_ext steppe")
    notebook.run("import steppe; steppe.load_ipython_extension(get_ipython())")
    assert notebook.shell.steppe_cells is cells
    assert notebook.run("%%step a\nprint('once')") == "once\n"


def test_unloading_leaves_the_shell_as_it_was(notebook):
    notebook.close()
    shell = notebook.shell
    before = {*vars(shell)}, list(shell.input_transformers_cleanup), list(shell.Completer.custom_matchers)
    for _ in range(2):
        notebook.restart()
        notebook.run("%%step a\nx = [1]")
        notebook.close()
    assert ({*vars(shell)}, list(shell.input_transformers_cleanup), list(shell.Completer.custom_matchers)) == before
    assert "%step" not in str(shell.magics_manager.magics)
    assert notebook.run("x") == "[1]\n" or notebook["x"] == [1]


def test_placeholders_are_real_values_after_unloading(notebook):
    notebook.run("%%step a\nclass Big:\n    pass\nbig = Big(); big.text = 'x' * 100_000")
    notebook.restart()
    notebook.run("%%step a\nclass Big:\n    pass\nbig = Big(); big.text = 'x' * 100_000")
    assert notebook.states == ["hit"]
    notebook.close()
    assert type(notebook.shell.user_ns["big"]).__name__ == "Big"


def test_after_a_reload_steps_hit(notebook):
    notebook.run("%%step a\nx = 1")
    notebook.run("%reload_ext steppe")
    notebook.run("%%step a\nx = 1")
    assert notebook.states == ["hit"]


def test_a_forked_child_that_ends_leaves_the_catalog_open(notebook):
    notebook.run("%%step a\nx = 1")
    session = notebook.shell.steppe_cells.session
    child = os.fork()
    if child == 0:
        session.close()  # as the interpreter's end does
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    notebook.run("%%step b\ny = x")
    assert notebook.states == ["succeeded", "succeeded"]
    assert session.catalog.runs.get(session.run.id).status == "running"


def test_an_old_ipython_is_refused_in_one_sentence(notebook, monkeypatch):
    notebook.close()
    monkeypatch.setattr("IPython.version_info", (7, 34, 0, ""))
    monkeypatch.setattr("IPython.__version__", "7.34.0")
    said = notebook.run("%load_ext steppe")
    assert "Steppe needs IPython 8.18 or newer, and this is IPython 7.34.0" in said


def test_a_wrong_setting_is_refused_in_one_sentence(notebook):
    notebook.close()
    (notebook.folder / "pyproject.toml").write_text("[tool.steppe]\nstroe = 'x'\n")
    said = notebook.run("%load_ext steppe")
    assert "has no setting `stroe`" in said.strip().splitlines()[-1]
    assert "steppe_cells" not in vars(notebook.shell)


def test_a_cell_runs_plainly_where_steppe_fails_before_it(notebook, monkeypatch, caplog):
    monkeypatch.setattr("steppe.engine.resolve.resolve", lambda *_: 1 / 0)
    notebook.run("%%step a\nx = 1")
    assert notebook.result.success
    assert notebook["x"] == 1
    assert "ran without Steppe, which did not expect ZeroDivisionError" in caplog.text
    monkeypatch.undo()
    assert notebook.run("1 + 1") == "2\n" or notebook.result.result == 2


def test_a_result_that_is_bound_in_part_only_is_told_and_the_cell_is_not_run_over_it(notebook, monkeypatch):
    cells = ("a = [1]", "%%step grow\na.append(2)\nb = len(a)")
    for cell in cells:
        notebook.run(cell)
    notebook.restart()
    monkeypatch.setattr("steppe.engine.bind.Binding._restore_state", lambda *_: 1 / 0)
    notebook.run(cells[0])
    said = notebook.run(cells[1])
    assert not notebook.result.success
    assert "the stored result of `grow` could be bound in part only" in said
    assert len(notebook["a"]) <= 2


@pytest.mark.parametrize("broken", ["catalog.db", "store"])
def test_a_step_runs_though_its_store_or_catalog_cannot_be_opened(notebook, broken):
    state = notebook.folder / ".steppe"
    state.mkdir()
    if broken == "store":
        (state / "store").write_text("no folder")
    else:
        (state / "catalog.db").write_text("no database" * 1000)
    said = notebook.run("%%step a\nx = 1\nx")
    assert notebook.result.success, said
    assert notebook["x"] == 1


def test_transforms_ask_for_no_side_effects():
    from steppe_magic.transformer import blank_step_line

    assert inputtransformer2.TransformerManager().transform_cell("x")  # the class is there in this IPython
    assert blank_step_line.has_side_effects is False
