"""Builds the front end into the distribution: what people install needs neither Node nor a step of its own.

The source distribution brings the built files along, so that only a build from a checkout runs npm. An editable install
builds nothing: `make front` does, and links the result.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE = "labextension"
BUILT = "jupyter_ext/steppe_server/labextension"
SHARED = "share/jupyter/labextensions/steppe-lab"


class FrontEnd(BuildHookInterface):
    """Adds the built front end to what hatchling packs."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the front end where its files are missing or older than its source."""
        if version == "editable" or os.environ.get("STEPPE_WITHOUT_LAB"):
            return
        root = Path(self.root)
        if not is_current(root):
            build(root)
        if self.target_name == "wheel":
            build_data["shared_data"][BUILT] = SHARED
        else:
            build_data["artifacts"].append(f"/{BUILT}")


def is_current(root: Path) -> bool:
    """Tell whether the built files are there and not older than what they are built from."""
    made = root / BUILT / "package.json"
    if not made.exists():
        return False
    sources = [root / SOURCE / name for name in ("package.json", "package-lock.json", "tsconfig.json")]
    for folder in ("src", "style", "schema"):
        sources += [path for path in (root / SOURCE / folder).rglob("*") if path.is_file()]
    schemas = (root / "jupyter_ext/steppe_server").glob("schemas/*.py")
    newest = max((path.stat().st_mtime for path in (*sources, *schemas) if path.exists()), default=0.0)
    return made.stat().st_mtime >= newest


def build(root: Path) -> None:
    """Run `labextension/build.sh`.

    Raises:
        RuntimeError: there is no Node.js, or the build failed; its output has been printed.
    """
    if shutil.which("npm") is None:
        raise RuntimeError(
            "Steppe's front end is built with Node.js 20 or newer (and npm), which are not here: install them, or set "
            "STEPPE_WITHOUT_LAB=1 to install without JupyterLab's side bar."
        )
    environ = {**os.environ, "PYTHON": sys.executable}
    done = subprocess.run(["sh", str(root / SOURCE / "build.sh")], cwd=root, env=environ, check=False)
    if done.returncode != 0:
        raise RuntimeError("Steppe's front end could not be built: what npm said stands above.")
