"""Small notebooks in a project of their own, and the commands run on them in this process."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import v4

from steppe.cli import main


class Room:
    """A project with one notebook, and the command line in it."""

    def __init__(self, folder: Path, capture: Any) -> None:
        self.folder = folder
        self.capture = capture
        (folder / ".git").mkdir(exist_ok=True)

    def write(self, cells: dict[str, str], name: str = "book.ipynb", **metadata: Any) -> Path:
        """Write a notebook of code cells by their ids; `id:tag` tags one."""
        made = []
        for key, source in cells.items():
            id_, _, tags = key.partition(":")
            made.append(v4.new_code_cell(source, id=id_, metadata={"tags": tags.split(",")} if tags else {}))
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(v4.new_notebook(cells=made, metadata={"kernelspec": kernel, **metadata}), self.folder / name)
        return self.folder / name

    def steppe(self, *words: str) -> tuple[int, str, str]:
        """Run a command in the project; return its exit code and what it said."""
        before = Path.cwd()
        os.chdir(self.folder)
        self.capture.readouterr()
        code: Any = 0
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("sys.argv", ["steppe", *words])
                main()
        except SystemExit as ended:
            code = ended.code
        finally:
            os.chdir(before)
        out, err = self.capture.readouterr()
        return int(code or 0), out, err

    def json(self, *words: str) -> dict[str, Any]:
        """Run a command with `--json` and return its document."""
        _, out, err = self.steppe(*words, "--json")
        assert out.count("\n") == 1, (out, err)
        document: dict[str, Any] = json.loads(out)
        return document

    def outputs(self, path: str) -> list[Any]:
        """Return the outputs of an executed notebook's cells."""
        return [cell.outputs for cell in nbformat.read(self.folder / path, as_version=4).cells]
