"""Notebooks with Kale's tags run as Kale means them, and the file stays as it is."""

from __future__ import annotations

import json

import nbformat
import pytest

from steppe.errors import UsageError
from steppe.notebooks.kale import is_kales, translate

BOOK = {
    "imports:imports": "import math",
    "more": "import statistics",
    "functions:functions": "def double(x):\n    return 2 * x",
    "params:pipeline-parameters": "rate = 3",
    "look:skip": "raise RuntimeError('this is for looking at')",
    "load:step:load": "rows = [1, 2, 3]",
    "clean": "rows = [double(each) for each in rows]",
    "peek:skip": "1 / 0",
    "train:step:train,prev:load": "model = sum(rows) * rate",
    "count:step:count,prev:load,limit:memory:1Gi": "size = len(rows)",
    "end:pipeline-metrics": "print(model)",
}


def test_kales_tags_say_what_runs_and_what_is_a_step(room):
    path = room.write(BOOK)
    before = path.read_bytes()
    first = room.json("run", "book.ipynb", "-o", "out.ipynb", "-p", "rate", "5")
    names = [step["name"] for step in first["steps"]]
    assert first["status"] == "succeeded"
    assert set(names) == {"load", "train", "count"}
    assert names.count("load") == 2, "the cell below belongs to the step"
    assert room.outputs("out.ipynb")[-1][0]["text"] == "60\n"
    assert path.read_bytes() == before
    assert {step["status"] for step in first["steps"]} == {"succeeded"}
    again = room.json("run", "book.ipynb", "-p", "rate", "5")
    assert {step["status"] for step in again["steps"]} == {"hit"}
    other = room.json("run", "book.ipynb", "-p", "rate", "7")
    assert {step["name"]: step["status"] for step in other["steps"]} == {
        "load": "hit",
        "train": "succeeded",
        "count": "hit",
    }
    metadata = json.loads((room.folder / "out.ipynb").read_text())["metadata"]
    assert metadata["papermill"]["input_path"] == "book.ipynb"


def test_kales_steps_are_planned(room):
    room.write(BOOK)
    plan = room.json("plan", "book.ipynb")
    assert [step["name"] for step in plan["steps"]] == ["load", "load", "train", "count"]


def test_an_order_that_no_tag_says_is_told(room):
    room.write(
        {**BOOK, "train:step:train,prev:load": "model = sum(rows) * rate", "last:step:last,prev:count": "z = model"}
    )
    code, _, err = room.steppe("run", "book.ipynb")
    assert code == 0, err
    assert "`last` reads `model` of `train`, which no `prev:` tag says: Steppe goes by the names." in err


def document(*cells, **metadata):
    made = [{"cell_type": "code", "metadata": {"tags": tags}, "source": source} for tags, source in cells]
    return {"cells": made, "metadata": metadata}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([(["step:a"], "x = 1"), (["step:b", "prev:c"], "y = x")], "`prev:c`, and above it there is a."),
        ([(["step:a", "prev:a"], "x = 1")], "above it there is no step"),
        ([(["step:a"], "x = 1"), (["prev:a"], "y = x")], "without `step:NAME`"),
    ],
)
def test_an_edge_to_nowhere_is_refused(cells, said):
    with pytest.raises(UsageError, match=r".") as refused:
        translate(document(*cells))
    assert said in str(refused.value)


def test_limits_are_asked_for_and_what_is_not_read_is_told():
    book = document(
        (["step:a", "limit:nvidia.com/gpu:2", "limit:cpu:500m", "limit:fpga:1", "annotation:x:y"], "x = 1"),
        kubeflow_notebook={"steps_defaults": ["limit:memory:2Gi"]},
    )
    told = translate(book)
    assert book["cells"][0]["metadata"]["steppe"] == {
        "step": True,
        "name": "a",
        "memory": "2Gi",
        "gpu": 2,
        "cpu": "500m",
    }
    assert [each.partition(" is not read")[0] for each in told] == [
        "`a`: the tag `limit:fpga:1`",
        "`a`: the tag `annotation:x:y`",
    ]


@pytest.mark.parametrize(
    ("cells", "metadata", "kales"),
    [
        ([(["step:a"], "x = 1")], {}, False),
        ([(["skip"], "x = 1"), (["imports"], "import os")], {}, False),
        ([(["step:a"], "x = 1"), (["imports"], "import os")], {}, True),
        ([(["block:a"], "x = 1")], {}, True),
        ([([], "x = 1")], {"kubeflow_notebook": {}}, True),
    ],
)
def test_only_kales_notebooks_are_taken_for_kales(cells, metadata, kales):
    assert is_kales(document(*cells, **metadata)) is kales


def test_a_translated_notebook_is_translated_once():
    book = document((["block:a"], "x = 1"), (["pipeline-parameters"], "y = 1"))
    translate(book)
    assert not is_kales(book)
    assert book["cells"][1]["metadata"]["tags"] == ["pipeline-parameters", "parameters"]


@pytest.mark.parametrize("ours", [None, "text", ["list"], {"id": "book"}])
def test_whatever_the_metadata_say_to_steppe_it_is_read(ours):
    """As nbformat reads it, too: papermill hands a notebook of its kind to the engine."""
    raw = document((["block:a"], "x = 1"), ([], "y = x"), steppe=ours)
    book = nbformat.from_dict({**raw, "nbformat": 4, "nbformat_minor": 5})
    assert is_kales(book)
    translate(book)
    assert [cell.metadata.steppe.name for cell in book.cells] == ["a", "a"]
    assert not is_kales(book)
