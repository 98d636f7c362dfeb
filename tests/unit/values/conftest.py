"""These tests share a notebook without a shell and a table of specimens, which child processes import os
import subprocess
import too."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def alone(request):
    """Whether this process has run no other tests: what they have left shows in classes that libraries write from text.

    Where it has, the test is run in one that has not.
    """
    if "STEPPE_ALONE" in os.environ:
        return True
    program = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", request.node.nodeid]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        program,
        cwd=request.config.rootpath,
        env={**environ, "STEPPE_ALONE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return False
