import os
import subprocess
import sys

import tests

FLAKY = """
import os
import pytest



@pytest.fixture(scope="module")
def shared():
    first = not os.path.exists("shared")
    open("shared", "w").close()
    assert not first


def test_that_waited_too_long():
    first = not os.path.exists("body")
    open("body", "w").close()
    assert not first, "too long"


def test_whose_fixture_failed(shared):
    pass


def test_after_it(shared):
    pass


def test_that_is_wrong():
    assert 1 == 2
"""


def outcome(folder, where, **environ):
    place = folder / where
    place.mkdir(parents=True)
    (folder / "conftest.py").write_text("from tests.again import *\n")
    (place / "test_flaky.py").write_text(FLAKY)
    found = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", where],
        cwd=folder,
        env=os.environ | {"CI": "", "PYTHONPATH": os.path.dirname(tests.__path__[0])} | environ,
        capture_output=True,
        text=True,
    )
    return found.stdout, found.returncode


def test_in_ci_a_test_of_a_whole_is_tried_twice_and_what_then_passes_is_told_of(tmp_path):
    said, code = outcome(tmp_path, "tests/ui", CI="true")
    assert "1 failed, 3 passed, 3 rerun" in said
    assert "RERUN tests/ui/test_flaky.py::test_that_waited_too_long" in said
    assert "AssertionError: too long" in said
    assert code == 1


def test_a_test_of_a_part_is_tried_once(tmp_path):
    said, _ = outcome(tmp_path, "tests/unit", CI="true")
    assert "rerun" not in said
    assert "2 failed, 2 errors" in said


def test_outside_ci_every_test_is_tried_once(tmp_path):
    said, _ = outcome(tmp_path, "tests/ui")
    assert "rerun" not in said
