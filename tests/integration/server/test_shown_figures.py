"""Pages of Matplotlib's figures: the picture that the cell showed, where it can only be theirs."""

from __future__ import annotations

import shutil

import nbformat
import pytest

from steppe.catalog import StepRunFilter, open_catalog
from steppe.notebooks.run import run_notebook
from steppe_server.reader import Reader
from tests.integration.server.notebooks import notebook

ONE = """%%step one
import matplotlib.pyplot as plt
fig, ax = plt.subplots()
line = ax.plot([1, 3, 2])[0]
title = 'not drawn'"""
TWO = """%%step two
left, right = plt.figure(), plt.figure()
left.gca().plot([1, 2])
right.gca().plot([2, 1])
size = 2"""
UNSEEN = """%%step unseen
from matplotlib.figure import Figure
alone = Figure()
print("<Figure size that is only a text")"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    (folder / ".git").mkdir()
    nbformat.write(notebook("%load_ext steppe", ONE, TWO, UNSEEN), folder / "book.ipynb")
    outcome = run_notebook(folder / "book.ipynb")
    assert outcome.status == "succeeded", outcome.error
    return folder


@pytest.fixture
def versions(made, jp_root_dir, jp_serverapp):
    jp_serverapp.web_app.settings["steppe_reader"] = reader = Reader()
    shutil.copytree(made, jp_root_dir, dirs_exist_ok=True)
    with open_catalog(str(jp_root_dir / ".steppe/catalog.db")) as catalog:
        steps = catalog.step_runs.list(StepRunFilter()).items
        yield {name: version for step in steps for name, version in step.outputs.items()}
    reader.close()


async def test_a_figure_that_was_shown_at_its_cells_end_has_that_picture_and_so_has_what_is_in_it(ask, versions):
    pictures = []
    for name in ("fig", "ax", "line"):
        _, told = await ask("GET", f"artifacts/{versions[name]}")
        assert told["view"] == "figure", told
        status, content = await ask("GET", f"artifacts/{versions[name]}/content")
        assert status == 200, content
        pictures.append(content["data"]["image/png"])
    assert pictures[0].startswith("iVBOR")
    assert len(set(pictures)) == 1


@pytest.mark.parametrize("name", ["left", "right", "alone"])
async def test_a_figure_whose_picture_may_be_anothers_or_that_was_never_shown_has_none(ask, versions, name):
    _, told = await ask("GET", f"artifacts/{versions[name]}")
    assert told["view"] == "none", told
    status, refused = await ask("GET", f"artifacts/{versions[name]}/content")
    assert (status, "load it" in refused["message"]) == (422, True)


async def test_other_values_of_that_cell_have_no_picture(ask, versions):
    _, told = await ask("GET", f"artifacts/{versions['title']}")
    assert told["view"] == "text"
