"""The benchmarks of Steppe: each beside its floor or an installed peer in the same run (`make bench`).

python tests/benchmarks/run.py                 everything; needs 10 GB of memory and of disk, and some minutes
python tests/benchmarks/run.py steps start     these groups alone
python tests/benchmarks/run.py --small         tiny sizes: only to see that it works
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

import row

GROUPS = (
    "start",
    "steps",
    "functions",
    "fan",
    "arrays",
    "frames",
    "streams",
    "on_ray",
    "headless",
    "scale",
    "tracing",
    "plans",
    "graph",
    "live",
)


def main() -> int:
    """Run groups, each in a process of its own, and print one table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}; all if none is given")
    options.add_argument("--small", action="store_true", help="tiny sizes, whose numbers mean nothing")
    options.add_argument("--folder", default="/var/tmp", help="where the disk is that is to be measured")
    options.add_argument("--rows", default="", help=argparse.SUPPRESS)
    asked = options.parse_args()
    if unknown := set(asked.groups) - set(GROUPS):
        options.error(f"there is no group {min(unknown)!r}: there are {', '.join(GROUPS)}")
    if asked.rows:
        measured = importlib.import_module(asked.groups[0]).rows(asked.folder, small=asked.small)
        Path(asked.rows).write_text(row.written(measured))
        return 0
    processor = platform.processor() or platform.machine()
    print(f"{dt.date.today()}, Python {platform.python_version()}, {os.cpu_count()} cores, {processor}\n")
    print(row.head(), flush=True)
    failed = []
    for group in asked.groups or GROUPS:
        try:
            for each in apart(group, asked.folder, small=asked.small):
                print(row.line(each.cells()), flush=True)
        except subprocess.CalledProcessError:
            failed.append(group)
    if failed:
        print(f"\nfailed: {', '.join(failed)}")
    return 1 if failed else 0


def apart(group: str, folder: str, *, small: bool) -> list[row.Row]:
    """Measure a group in a new process, and in a new folder on the disk that is to be measured."""
    with tempfile.TemporaryDirectory(prefix="steppe-bench-", dir=folder) as home:
        environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environ["PYTHONPYCACHEPREFIX"] = str(Path(tempfile.gettempdir(), "steppe-bench-bytecode"))
        project = Path(home, "project")
        project.mkdir()
        command = [sys.executable, __file__, group, "--rows", f"{home}/rows.json", "--folder", str(project)]
        subprocess.run([*command, *(["--small"] if small else [])], env=environ, stdout=subprocess.DEVNULL, check=True)
        return row.read(Path(home, "rows.json").read_text())


if __name__ == "__main__":
    sys.exit(main())
