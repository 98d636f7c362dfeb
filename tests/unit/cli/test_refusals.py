"""What can't work is refused with one sentence, before anything has begun."""

from __future__ import annotations

import os

import pytest
from nbformat import v3

from steppe.cli.export import command as export
from steppe.cli.kernel import command as kernel
from steppe.cli.main import COMMANDS
from steppe.cli.schedule import command as schedule

STEP = {"one": "%%step one\nx = 1"}


def refused(room, *words):
    code, out, err = room.steppe(*words)
    assert code == 2
    assert out == ""
    assert "Traceback" not in err
    assert not (room.folder / ".steppe" / "catalog.db").exists()
    return err


def test_help_lists_every_command(room):
    code, out, _ = room.steppe("--help")
    assert code == 0
    for name, (_, about) in COMMANDS.items():
        assert name in out
        assert about.split(";")[0][:40] in " ".join(out.split())


GROUPS = {"export": export, "kernel": kernel, "schedule": schedule}
ALL = [(name,) for name in COMMANDS if name not in GROUPS]
ALL += [(name, verb) for name, group in GROUPS.items() for verb in group.commands]


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_has_help_and_takes_json(room, words):
    code, out, _ = room.steppe(*words, "--help")
    assert code == 0
    assert "--json" in out


def test_a_command_that_is_not_there_names_the_nearest(room):
    assert "did you mean `runs`?" in refused(room, "rums")


def test_a_notebook_that_is_not_there(room):
    assert "there is no notebook nowhere.ipynb" in refused(room, "run", "nowhere.ipynb")
    assert "there is no notebook nowhere.ipynb" in refused(room, "schedule", "nowhere.ipynb", "--cron", "0 6 * * 1")


def test_a_folder_is_no_notebook(room):
    assert "is a folder" in refused(room, "run", ".")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{not json", "it is not JSON"),
        ("[1, 2]", "it has no cells"),
        ('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "it has no cells"),
        ('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code"}]}', "no valid notebook"),
        ('{"nbformat": 6, "metadata": {}, "cells": []}', "format 6"),
        ("\udcff", "it is not JSON"),
    ],
)
def test_a_file_that_is_no_notebook(room, text, said):
    (room.folder / "bad.ipynb").write_bytes(text.encode("utf-8", "surrogateescape"))
    for command in ("run", "plan"):
        err = refused(room, command, "bad.ipynb")
        assert said in err
        assert "bad.ipynb" in err


def test_a_kernel_that_is_not_installed_names_those_that_are(room):
    room.write(STEP, kernelspec={"name": "nokernel", "display_name": "No"})
    assert "the notebook's kernel `nokernel` is not installed" in refused(room, "run", "book.ipynb")
    assert "there is no kernel `other`" in refused(room, "run", "book.ipynb", "--kernel", "other")


def test_an_unknown_executor_names_the_nearest(room):
    room.write(STEP)
    assert "did you mean `process`?" in refused(room, "run", "book.ipynb", "--on", "proces")


def test_refreshing_an_unknown_step_names_the_nearest(room):
    room.write({**STEP, "train": "%%step train\ny = x"})
    assert "has no step `trian`: did you mean `train`?" in refused(room, "run", "book.ipynb", "--refresh", "trian")


def test_refreshing_where_there_is_no_step(room):
    room.write({"a": "x = 1"})
    assert "it has no steps. Run it with --steps all." in refused(room, "run", "book.ipynb", "--refresh", "a")


@pytest.mark.parametrize("link", ["itself", "symbolic", "hard", "folder"])
def test_the_input_is_never_overwritten(room, link):
    path = room.write(STEP)
    before = path.read_bytes()
    target = room.folder / "other.ipynb"
    if link == "itself":
        target = path
    elif link == "symbolic":
        target.symlink_to(path)
    elif link == "hard":
        os.link(path, target)
    else:
        (room.folder / "linked").symlink_to(room.folder)
        target = room.folder / "linked" / "book.ipynb"
    assert "is the input itself" in refused(room, "run", "book.ipynb", "-o", str(target))
    assert path.read_bytes() == before


def test_an_output_that_is_no_file(room):
    room.write(STEP)
    assert "is a folder" in refused(room, "run", "book.ipynb", "-o", ".")
    assert "goes to a file" in refused(room, "run", "book.ipynb", "-o", "-")
    (room.folder / "plain").write_text("")
    assert "can't be made" in refused(room, "run", "book.ipynb", "-o", "plain/out.ipynb")


def test_parameters_that_can_not_be_read(room):
    room.write(STEP)
    assert "is no YAML mapping" in refused(room, "run", "book.ipynb", "-y", "[1, 2]")
    assert "is no YAML" in refused(room, "run", "book.ipynb", "-y", "a: [")
    assert "can't be read" in refused(room, "run", "book.ipynb", "-y", "@nowhere.yaml")
    assert "is no name of a variable" in refused(room, "run", "book.ipynb", "-p", "a b", "1")


def test_a_setting_that_does_not_exist(room):
    room.write(STEP)
    (room.folder / "pyproject.toml").write_text("[tool.steppe]\nstroe = 'x'\n")
    assert "has no setting `stroe`" in refused(room, "run", "book.ipynb")


def test_notebooks_of_the_third_format_are_read(room):
    sheet = v3.new_worksheet(cells=[v3.new_code_cell(input="x = 1")])
    (room.folder / "old.ipynb").write_text(v3.writes_json(v3.new_notebook(worksheets=[sheet])))
    document = room.json("plan", "old.ipynb", "--steps", "all")
    assert [(step["name"], step["plan"]) for step in document["steps"]] == [("cell-1", "run")]


def test_nothing_yet_is_said_and_no_error(room):
    assert room.steppe("runs")[:2] == (
        0,
        "no runs yet: `steppe run NOTEBOOK` makes the first, or a cell with %%step in Jupyter.\n",
    )
    assert room.json("runs") == {"runs": []}
    assert "nothing is kept here yet" in room.steppe("gc")[1]
    assert room.json("gc")["freed"] == 0
    code, out, _ = room.steppe("doctor")
    assert code == 0
    assert "no step has run in this project" in out
    assert "nothing is kept here yet" in refused(room, "show", "abcd")
    room.write({"a": "x = 1"})
    assert "has no steps" in room.steppe("plan", "book.ipynb")[1]
    assert not (room.folder / ".steppe").exists()


def test_since_takes_ages_and_dates(room):
    from steppe.cli.runs import moment

    assert moment("2h", 10_000.0) == 10_000.0 - 7200
    assert moment("2026-01-31", 0.0) == pytest.approx(1769817600, abs=86400)
    assert "give an age" in refused(room, "runs", "--since", "soon")
