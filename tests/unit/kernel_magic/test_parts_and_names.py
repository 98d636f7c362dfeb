"""Which step a cell is, and which of its cells: with cell ids, without, moved, edited, and run again."""

from __future__ import annotations

import pytest

from steppe_magic.transformer import blank_step_line, split


def told(notebook):
    """Return each resolution's name, part and state."""
    return [(step.request.name, step.request.part, str(step.state)) for step in notebook.steps]


def test_two_cells_of_one_name_are_two_parts_kept_one_by_one(notebook):
    cells = {"c1": "%%step load\na = 1", "c2": "%%step load\nb = a + 1"}
    for _ in range(2):
        for cell_id, source in cells.items():
            notebook.run(source, cell_id)
    assert told(notebook) == [
        ("load", 0, "succeeded"),
        ("load", 1, "succeeded"),
        ("load", 0, "hit"),
        ("load", 1, "hit"),
    ]


def test_an_edited_cell_is_the_part_that_it_was_and_says_what_changed(notebook):
    notebook.run("%%step load\na = 1", "c1")
    notebook.run("%%step load\nb = 2", "c2")
    notebook.run("%%step load\nb = 3", "c2")
    assert told(notebook)[-1] == ("load", 1, "succeeded")
    assert notebook.why == "the cell's code changed: line 2 was `b = 2`, is `b = 3`"


def test_parts_keep_their_numbers_in_the_next_session_whatever_is_run_first(notebook):
    notebook.run("%%step load\na = 1", "c1")
    notebook.run("%%step load\nb = 2", "c2")
    notebook.restart()
    notebook.run("%%step load\nb = 3", "c2")
    assert told(notebook) == [("load", 1, "succeeded")]
    assert "line 2 was `b = 2`" in notebook.why
    notebook.run("%%step load\na = 1", "c1")
    assert told(notebook)[-1] == ("load", 0, "hit")


def test_cells_moved_above_each_other_stay_hits(notebook):
    notebook.run("%%step load\na = 1", "c1")
    notebook.run("%%step load\nb = 2", "c2")
    notebook.restart()
    notebook.run("%%step load\nb = 2", "c2")
    notebook.run("%%step load\na = 1", "c1")
    assert told(notebook) == [("load", 1, "hit"), ("load", 0, "hit")]


def test_a_cell_pasted_anew_with_another_id_is_the_part_of_its_text(notebook):
    notebook.run("%%step load\na = 1", "c1")
    notebook.restart()
    notebook.run("%%step load\na = 1", "c9")
    assert told(notebook) == [("load", 0, "hit")]


def test_in_a_terminal_the_same_text_is_the_same_part(notebook):
    for _ in range(3):
        notebook.run("%%step load\nvalue = [1, 2, 3]\ntotal = sum(value)")
    assert told(notebook) == [("load", 0, "succeeded"), ("load", 0, "hit"), ("load", 0, "hit")]


def test_in_a_terminal_an_edited_text_is_the_same_part(notebook):
    notebook.run("%%step load\nvalue = [1, 2, 3]\ntotal = sum(value)")
    notebook.run("%%step load\nvalue = [1, 2, 4]\ntotal = sum(value)")
    assert told(notebook)[-1] == ("load", 0, "succeeded")
    assert "line 2 was `value = [1, 2, 3]`, is `value = [1, 2, 4]`" in notebook.why


def test_in_a_terminal_another_text_is_another_part(notebook):
    notebook.run("%%step load\nvalue = [1, 2, 3]\ntotal = sum(value)")
    notebook.run("%%step load\nfor word in 'some text'.split():\n    print(word)")
    notebook.run("%%step load\nvalue = [1, 2, 3]\ntotal = sum(value)")
    assert told(notebook) == [("load", 0, "succeeded"), ("load", 1, "succeeded"), ("load", 0, "hit")]


@pytest.mark.parametrize(
    ("source", "cell_id", "name"),
    [
        ("%%step\nb = a = 1", "1f2e3d4c", "1f2e3d4c"),
        ("%%step\nb = a = 1", None, "b"),
        ("%%step\nimport os\ndef z():\n    y = 1\nx = 2", None, "z"),
        ("%%step\nfor i in range(2):\n    x = i", None, "i"),
        ("%%step\nprint(1)", None, "cell"),
        ("%%step\nx = 1", "vscode-notebook-cell:/home/me/nb.ipynb#X13sZmlsZQ%3D%3D", "x"),
        ("%%step 'two words' seed=1\nx = 1", "1f2e3d4c", "two words"),
        ("%%step seed=1\nx = 1", "1f2e3d4c", "1f2e3d4c"),
    ],
)
def test_a_step_is_called_by_its_name_its_cell_or_its_first_binding(notebook, source, cell_id, name):
    notebook.run(source, cell_id)
    assert [step.request.name for step in notebook.steps] == [name]


def test_the_identity_of_the_notebook_is_its_path_where_it_is_known(notebook):
    assert notebook.shell.steppe_cells.session.notebook == "book.ipynb"


def test_vs_code_tells_the_path_in_a_variable(notebook):
    notebook.close()
    notebook.shell.user_ns.pop("__session__")
    notebook.shell.user_ns["__vsc_ipynb_file__"] = str(notebook.folder / "sub" / "code.ipynb")
    notebook.shell.extension_manager.load_extension("steppe")
    assert notebook.shell.steppe_cells.session.notebook == "sub/code.ipynb"


def test_without_a_path_the_session_is_the_identity(notebook, monkeypatch):
    notebook.close()
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    notebook.shell.user_ns.pop("__session__")
    notebook.shell.extension_manager.load_extension("steppe")
    assert notebook.shell.steppe_cells.session.notebook.startswith("session:")
    notebook.run("%%step a\nx = 1")
    assert notebook.states == ["succeeded"]


def test_steps_of_other_notebooks_share_hits(notebook):
    notebook.run("%%step a\nx = 1")
    notebook.close()
    notebook.shell.user_ns["__session__"] = str(notebook.folder / "other.ipynb")
    notebook.shell.extension_manager.load_extension("steppe")
    notebook.run("%%step renamed\nx = 1")
    assert told(notebook) == [("renamed", 0, "hit")]


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ("%%step\nx", ""),
        ("%%step a on=process\nx", "a on=process"),
        ("\n\n%%step a\nx", "a"),
        ("  %%step a\n  x", "a"),
        ('#@title Train { display-mode: "form" }\n%%step a\nx', "a"),
        ("%%step\ta\nx", "a"),
        ("%%step", ""),
        (">>> %%step a\n>>> x", "a"),
        ("%%steps\nx", None),
        ("%%step?", None),
        ("x = 1\n%%step a", None),
        ("# comment\n%%step a\nx", None),
        ("%steppe\nx", None),
        ("'%%step a'", None),
    ],
)
def test_what_is_a_step_by_its_text(raw, line):
    found = split(raw)
    assert (found[0] if found else None) == line
    if raw.startswith(">>>"):
        return
    blanked = blank_step_line(raw.splitlines(keepends=True))
    assert ("%%step" in "".join(blanked).partition("'")[0]) is (line is None and "%%step" in raw and raw[0] != "'")


def test_pasted_prompts_do_not_keep_a_cell_from_being_a_step(notebook):
    notebook.run(">>> %%step a\n>>> x = 1")
    assert told(notebook) == [("a", 0, "succeeded")]
    assert notebook["x"] == 1


def test_a_form_of_colab_is_a_step(notebook):
    notebook.run('#@title Train\n%%step train\nlr = 0.1 #@param {type:"number"}')
    assert told(notebook) == [("train", 0, "succeeded")]
    assert notebook["lr"] == 0.1


def test_auto_makes_every_cell_a_step_until_it_is_off(notebook):
    notebook.run("before = 1")
    notebook.run("%steppe auto")
    notebook.run("x = 1")
    notebook.run("%steppe status")
    notebook.run("y = x\n%steppe why")
    notebook.run("import json")
    notebook.run("%steppe auto off")
    notebook.run("after = 1")
    assert [name for name, _, _ in told(notebook)] == ["x", "json"]
    assert told(notebook)[-1][2] == "setup"


def test_a_cell_of_metadata_can_say_that_it_is_no_step(notebook):
    notebook.run("%steppe auto")
    notebook.run("x = 1", step=False)
    assert notebook.steps == []
