"""Which modules are the project's own."""

from __future__ import annotations

import pytest

from steppe.engine.modules import Modules


@pytest.mark.parametrize(
    "folder",
    [
        "/usr/lib/python3/dist-packages",
        "/home/somebody/.local/lib/python3.11/site-packages",
        "/opt/below/lib/python3.12/site-packages",
    ],
)
def test_what_is_installed_anywhere_is_no_code_of_the_project(folder):
    """Debian's packages, the user's, those of an environment below: to version all their state took minutes."""
    assert not Modules.is_project_file(f"{folder}/numpy/__init__.py")
    assert Modules.is_project_file("/home/somebody/project/helpers.py")
