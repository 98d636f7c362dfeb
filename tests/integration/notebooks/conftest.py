"""A project with one notebook. The room's code is imported from the project's root: it is no part of the package."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.integration.notebooks.made import Room


@pytest.fixture
def room(tmp_path, capsys):
    return Room(tmp_path, capsys)
