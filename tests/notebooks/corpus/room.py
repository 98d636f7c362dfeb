"""The folder and the environment that a notebook runs in: the same at the start of every run, plain or not.

Every run of one notebook uses the same absolute path, so that paths in outputs agree. Knows nothing of how it is run.
"""

from __future__ import annotations

import ast
import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = {".py", ".ipynb", ".rst", ".md", ".txt"}
CLOSED = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Room:
    """A notebook's working folder.

    Attributes:
        folder: where it is; it is a project of its own, so that `.steppe` is made in it.
        script: the file that the notebook was cut from: what lies beside it is copied.
    """

    folder: Path
    script: Path

    def clear(self, *, keep: tuple[str, ...] = ()) -> None:
        """Bring the folder into its first state; what `keep` names stays as it is."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in self.folder.iterdir():
            if path.name in keep:
                continue
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        (self.folder / "pyproject.toml").write_text("")
        for file in self._beside():
            shutil.copy2(file, self.folder / file.name)

    def files(self) -> dict[str, str]:
        """Return the digest of every file by its path, but those of Steppe and of Python's own caches."""
        return dict(sorted(self._digests()))

    def _digests(self) -> Iterator[tuple[str, str]]:
        for path in self.folder.rglob("*"):
            relative = path.relative_to(self.folder)
            if path.is_file() and not {".steppe", "__pycache__", ".ipynb_checkpoints"} & set(relative.parts):
                yield relative.as_posix(), hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()

    def _beside(self) -> Iterator[Path]:
        """Yield the data files beside the script, and the modules beside it that it imports."""
        imported = imported_modules(self.script.read_text("utf-8")) if self.script.suffix == ".py" else set()
        for path in sorted(self.script.parent.iterdir()):
            if path.is_file() and (path.suffix not in SCRIPTS or (path.suffix == ".py" and path.stem in imported)):
                yield path


def imported_modules(source: str) -> set[str]:
    """Return the top-level modules that a source imports anywhere; none where it is no plain Python."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set()
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    return {name.partition(".")[0] for name in names}


def environment(state: Path) -> dict[str, str]:
    """Return the environment of every run: this process's, with what would make runs differ taken out of their hands.

    One thread a library and one hash seed, so that two plain runs agree wherever they can; no way to the network;
    IPython's and the data sets' folders are empty ones under `state`, so that a person's own change nothing.
    """
    dropped = ("STEPPE_", "MPLBACKEND", "IPYTHON", "JPY_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    env |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "LOKY_MAX_CPU_COUNT"), "1")
    env |= dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), CLOSED)
    env |= {"no_proxy": "127.0.0.1,localhost", "PYTHONHASHSEED": "0", "IPYTHONDIR": str(state / "ipython")}
    return env | {"SCIKIT_LEARN_DATA": str(state / "sklearn"), "SKIMAGE_DATADIR": str(state / "skimage")}
