"""A notebook's id, which a rename and an executed copy keep: a kernel takes it from the file, as plans and runs do."""

from __future__ import annotations

import json

import pytest

from steppe.notebooks.source import read
from steppe.settings import Project, Settings
from steppe_magic.identity import notebook_id


@pytest.mark.parametrize(
    ("metadata", "found"),
    [
        ({"steppe": {"id": "digits"}}, "digits"),
        ({"steppe": {"id": "digits", "more": 1}, "language_info": {"name": "python"}}, "digits"),
        ({"steppe": {}}, ""),
        ({"steppe": None}, ""),
        ({"steppe": "digits"}, ""),
        ({}, ""),
    ],
)
def test_the_kernel_and_headless_runs_take_the_same_id(tmp_path, metadata, found):
    book = {"cells": [], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "book.ipynb").write_text(json.dumps(book))
    assert notebook_id("book.ipynb", Project(root=str(tmp_path), settings=Settings())) == found
    assert read(tmp_path / "book.ipynb").id == found


@pytest.mark.parametrize("text", [None, "", "{", '{"metadata": 3}', '{"cells": []}', "\xff"])
def test_a_file_that_is_no_notebook_has_none(tmp_path, text):
    if text is not None:
        (tmp_path / "book.ipynb").write_text(text, "latin-1")
    project = Project(root=str(tmp_path), settings=Settings())
    assert notebook_id("book.ipynb", project) == ""
    assert notebook_id("", project) == ""
