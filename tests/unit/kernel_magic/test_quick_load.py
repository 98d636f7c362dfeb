"""Neither `import steppe` nor `%load_ext steppe` loads what the first step alone needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "alembic boto3 click cloudpickle matplotlib nbclient nbformat numpy obstore pandas papermill polars pyarrow "
    "sqlalchemy torch steppe.catalog steppe.executors.process steppe.engine.resolve steppe.worker.execution"
)

LOADED = """
import sys
from IPython.core.interactiveshell import InteractiveShell
before = set(sys.modules)
InteractiveShell.instance().run_line_magic("load_ext", "steppe")
assert "steppe_magic.cells" in sys.modules
"""


@pytest.mark.parametrize("start", ["import sys\nbefore = set()\nimport steppe", LOADED], ids=["import", "load_ext"])
def test_starting_loads_no_heavy_module(tmp_path, start):
    (tmp_path / ".git").mkdir()
    code = f"{start}\nprint(*sorted(set({HEAVY!r}.split()) & (set(sys.modules) - before)))"
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == ""
