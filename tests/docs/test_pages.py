"""What the documentation says holds: its Python runs, its commands and links exist, its reference is the code's."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import click
import pytest
from pages import PAGES, ROOT, anchors, cells, commands, links
from reference import PAGES as MADE

from steppe.cli.main import COMMANDS, steppe

NAMES = {str(page.relative_to(ROOT)): page for page in PAGES}
WITH_CODE = [name for name, page in NAMES.items() if cells(page)]


def play(page, folder):
    """Run a page's cells in a new kernel in `folder`; return the states of its steps."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("STEPPE_")}
    done = subprocess.run(
        [sys.executable, ROOT / "tests/docs/play.py"],
        input=json.dumps(cells(page)),
        cwd=folder,
        env=environ | {"IPYTHONDIR": str(folder / ".ipython"), "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return json.loads(done.stdout.partition("STATES ")[2])


def test_pages_with_code_are_found():
    assert {"README.md", "docs/getting-started.md", "docs/files.md"} <= set(WITH_CODE)


@pytest.mark.parametrize("name", WITH_CODE)
def test_the_python_of_a_page_runs_and_its_steps_hit_in_the_next_kernel(name, tmp_path):
    (tmp_path / ".git").mkdir()
    first = play(NAMES[name], tmp_path)
    assert "succeeded" in first
    assert "failed" not in first
    again = play(NAMES[name], tmp_path)
    assert [after for before, after in zip(first, again, strict=True) if before == "succeeded"] == [
        "hit"
    ] * first.count("succeeded")


@pytest.mark.parametrize("name", NAMES)
def test_commands_of_a_page_exist(name):
    context = click.Context(steppe)
    targets = set(re.findall(r"^([a-z.]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for words in commands(NAMES[name]):
        program, *rest = [word for word in words if not re.match(r"[A-Z_]+=", word)]
        if program == "make":
            assert rest[0] in targets, words
        if program == "steppe":
            command = steppe.get_command(context, rest[0])
            assert command is not None, words
            if isinstance(command, click.Group):
                command = command.get_command(context, rest[1]) or command.get_command(context, "make")
                assert command is not None, words
            known = {switch for parameter in command.params for switch in (*parameter.opts, *parameter.secondary_opts)}
            assert {word for word in rest if word.startswith("-")} <= known, words


@pytest.mark.parametrize("name", NAMES)
def test_links_of_a_page_lead_somewhere(name):
    page = NAMES[name]
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("name", MADE)
def test_pages_made_from_the_code_are_up_to_date(name):
    assert (ROOT / "docs" / name).read_text("utf-8") == MADE[name](), "run `make docs`"


def test_every_command_is_in_the_reference():
    text = (ROOT / "docs/cli.md").read_text("utf-8")
    assert [name for name in COMMANDS if f"## `steppe {name}`" not in text] == []


def test_no_page_names_a_state_that_there_is_not():
    from steppe.types import State

    text = (ROOT / "docs/glossary.md").read_text("utf-8").partition("A StepRun goes through")[2]
    assert {str(state) for state in State} == {
        word for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE) for word in re.findall(r"`(\w+)`", row)
    }
