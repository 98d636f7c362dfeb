"""A notebook without a kernel: cells run in one IPython shell of this process, which begins anew for each test."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


class Notebook:
    """Cells, a project folder, and as many sessions as a test wants."""

    def __init__(self, shell: InteractiveShell, folder: Path) -> None:
        self.shell = shell
        self.folder = folder

    def restart(self) -> Notebook:
        """Begin a new session: nothing lives any more but what is on disk."""
        self.close()
        self.shell.reset(new_session=False)
        for texts in (self.shell.history_manager.input_hist_parsed, self.shell.history_manager.input_hist_raw):
            texts[:] = [""]  # what an earlier notebook has seeded, this one has not
        self.shell.user_ns["__session__"] = str(self.folder / "book.ipynb")
        self.shell.extension_manager.load_extension("steppe")
        return self

    def close(self) -> None:
        if "steppe_cells" in vars(self.shell):
            self.shell.extension_manager.unload_extension("steppe")
        self.shell.extension_manager.loaded.discard("steppe")

    def run(self, source: str, cell_id: str | None = None, **metadata: Any) -> str:
        """Run a cell and return all that it wrote, errors included."""
        written = io.StringIO()
        with contextlib.redirect_stdout(written), contextlib.redirect_stderr(written):
            self.result = self.shell.run_cell(
                source, store_history=True, cell_id=cell_id, cell_meta={"steppe": metadata} if metadata else None
            )
        return re.sub(r"\x1b\[[0-9;]*m", "", written.getvalue())

    def __getitem__(self, name: str) -> Any:
        return self.shell.user_ns[name]

    @property
    def steps(self) -> list[Any]:
        return self.shell.steppe_cells.steps

    @property
    def states(self) -> list[str]:
        """The states of this session's steps so far."""
        return [str(step.state) for step in self.steps]

    @property
    def why(self) -> str:
        """Why the last step did what it did."""
        return "; ".join(self.steps[-1].why)


@pytest.fixture(scope="session")
def shell() -> InteractiveShell:
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    return InteractiveShell.instance(config=config)


@pytest.fixture
def notebook(shell: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notebook]:
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shell, "execution_count", 1)
    made = Notebook(shell, tmp_path).restart()
    yield made
    made.close()
