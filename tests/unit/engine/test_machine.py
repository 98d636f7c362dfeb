"""What a run runs on, told without reading any package's metadata."""

import sys
from importlib.metadata import distributions

from steppe.engine.environment import normalized
from steppe.engine.machine import image, installed, machine, requirements


def test_all_that_is_installed_is_told_as_its_metadata_tell_it():
    told = {normalized(each.metadata["Name"]): each.version for each in distributions()}
    assert told.items() <= installed(sys.path).items()
    lines = requirements().decode().splitlines()
    assert lines[0] == f"# Python {'.'.join(map(str, sys.version_info[:3]))}"
    assert f"numpy=={told['numpy']}" in lines


def test_the_first_of_two_on_the_path_counts(tmp_path):
    for place, version in (("a", "1.0"), ("b", "2.0")):
        (tmp_path / place / f"Some_Thing-{version}.dist-info").mkdir(parents=True)
    assert installed([str(tmp_path / "none"), str(tmp_path / "a"), str(tmp_path / "b")]) == {"some-thing": "1.0"}


def test_the_image_is_the_one_that_a_container_is_told():
    assert image({}) == ""
    assert image({"JUPYTER_IMAGE": "b", "JUPYTER_IMAGE_SPEC": "lab:2"}) == "lab:2"


def test_the_machine_is_told_in_words():
    assert "processors" in machine()
    assert "GiB of memory" in machine()
