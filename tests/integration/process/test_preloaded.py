"""Workers are forked with the heavy libraries that their kernel has imported: a step does not wait for them."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_cell('%load_ext steppe')
shell.run_cell('import pandas')
shell.run_cell("%%step far on=process\\nimport sys\\nthere = [name in sys.modules for name in ('pandas', 'sklearn')]")
print(shell.user_ns['there'])
"""


def test_a_worker_has_what_its_kernel_has_imported(tmp_path):
    (tmp_path / "pyproject.toml").write_text("")
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[True, False]\n"), done.stdout + done.stderr
