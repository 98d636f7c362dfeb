"""The table's harness: a Case is a small project, an edit of it, and what must become of its steps.

Each case runs three times: the project with steps in a new kernel (cold); after the edit, with steps, in another (warm);
after the edit, without Steppe, in a third (plain). The warm run must leave the values and the outputs of the plain one:
else it is a *wrong hit*. Kernels are forks of a warm process (`server.py`); `fresh=True` takes new interpreters.

To add rows, write a file `test_<topic>.py`:

    ROWS = [
        # name, cells before, cells after; cells are separated by a line `# %%`; a step's begins with `%%step`
        miss("a renamed column", DATA + '''df = ...''', ('"a"', '"b"')),          # after: (old, new) replaces text
        hit("a comment", "%%step s\nx = 1", "%%step s\nx = 1  # one"),             # or after: the whole text
        miss("a file's content", "%%step s\nx = open('a.txt').read()", files={"a.txt": "1"}, new={"a.txt": "2"}),
    ]
    test_rows = table(ROWS)

`files` are written before the first run, `new` ones before the second (None removes; bytes or text), `env` and `new_env` are
environment variables, `do` is Python that is run in the folder between the two runs (for times, links, databases).
`miss` asks that the last step is not a hit, that its result differs from the cold one's (`same=True`: it need not) and is as
plain execution has it. `hit` asks that every step is a hit. `step` names another step than the last one, `why` is a text that
the first line of its reasons must contain, `free` are variables that are not compared, `slow=True` leaves it to `make soundness`.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

SERVER = Path(__file__).with_name("server.py")
Files = Mapping[str, str | bytes | None]


@dataclass(frozen=True)
class Case:
    """One row; see the module's page for what each part means."""

    name: str
    expect: str
    before: str
    after: str
    files: Files = field(default_factory=dict)
    new: Files = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    new_env: Mapping[str, str] = field(default_factory=dict)
    do: str = ""
    step: str = ""
    why: str = ""
    free: tuple[str, ...] = ()
    same: bool = False
    fresh: bool = False
    slow: bool = False


def _case(expect: str, name: str, before: str, after: Any = None, **more: Any) -> Case:
    if after is None:
        after = before
    elif isinstance(after, tuple):
        assert after[0] in before, f"{name}: the text to replace is not there"
        after = before.replace(after[0], after[1])
    return Case(name, expect, before, after, **more)


def miss(name: str, before: str, after: str | tuple[str, str] | None = None, **more: Any) -> Case:
    """A row whose last step must run again."""
    return _case("miss", name, before, after, **more)


def hit(name: str, before: str, after: str | tuple[str, str] | None = None, **more: Any) -> Case:
    """A row whose steps must all be hits."""
    return _case("hit", name, before, after, **more)


def table(rows: Iterable[Case]) -> Callable[..., None]:
    """Make the test of a table's rows."""
    marked = [pytest.param(row, id=row.name, marks=[pytest.mark.slow] if row.slow else []) for row in rows]

    @pytest.mark.parametrize("case", marked)
    def test_rows(case: Case, tmp_path: Path) -> None:
        check(case, tmp_path)

    return test_rows


COUNTS = {"rows": 0, "wrong hits": 0, "needless misses": 0}
"""What was counted in this run of the tests."""


def check(case: Case, folder: Path) -> dict[str, Any]:
    """Run a case and see that it holds; return what the warm run said."""
    COUNTS["rows"] += 1
    project = folder / "project"
    (project / ".git").mkdir(parents=True)
    write(project, case.files)
    cold = run(project, case.before, env=case.env, fresh=case.fresh)
    write(project, case.new)
    if case.do:
        subprocess.run([sys.executable, "-c", textwrap.dedent(case.do)], cwd=project, check=True)
    env = {**case.env, **case.new_env}
    saved = folder / "saved"
    shutil.copytree(project, saved, symlinks=True, ignore=lambda *_: OWN)
    warm = run(project, case.after, env=env, fresh=case.fresh)
    warm["files"] = tree(project)
    _reset(project, saved)
    plain = run(project, case.after, env=env, fresh=case.fresh, stepped=False)
    plain["files"] = tree(project)
    step = _step(warm, case.step)
    said = "; ".join(step["why"])
    wrong = differences(warm, plain, case.free)
    if wrong and any(cell["state"] == "hit" for cell in warm["cells"]):
        COUNTS["wrong hits"] += 1
    assert not wrong, f"{'wrong hit' if step['state'] == 'hit' else 'wrong result'} ({said}): {wrong}"
    if case.expect == "hit":
        again = {cell["step"]: cell["why"] for cell in warm["cells"] if cell["state"] not in (None, "hit", "setup")}
        COUNTS["needless misses"] += bool(again)
        assert not again, f"needless miss: {again}"
        assert step["state"] == "hit", f"no step is a hit: {said}"
    else:
        assert step["state"] != "hit", "a hit although it must run again"
        if not case.same:
            assert differences(cold, plain, case.free), "the edit changes nothing: this row shows nothing"
    assert case.why in (step["why"] or [""])[0], f"`{case.why}` is not said first: {said}"
    return warm


def _step(ran: dict[str, Any], name: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = [cell for cell in ran["cells"] if cell["step"] and name in ("", cell["step"])]
    assert found, f"no step ran: {ran['cells']}"
    return found[-1]


def differences(ran: dict[str, Any], plain: dict[str, Any], free: Iterable[str] = ()) -> list[str]:
    """Say in what two runs differ: variables, what cells showed, errors."""
    found = []
    for name in sorted({*ran["variables"], *plain["variables"]} - set(free)):
        ours, theirs = ran["variables"].get(name), plain["variables"].get(name)
        if ours != theirs:
            found.append(f"{name}: {ours} instead of {theirs}")
    for name in sorted({*ran.get("files", {}), *plain["files"]} if "files" in ran else ()):
        ours, theirs = ran["files"].get(name), plain["files"].get(name)
        if ours != theirs and name not in free:
            found.append(f"the file {name}: {ours} instead of {theirs}")
    for number, (ours, theirs) in enumerate(zip(ran["cells"], plain["cells"], strict=False)):
        for what in ("shown", "error"):
            if ours[what] != theirs[what]:
                found.append(f"cell {number} {what}: {ours[what]!r} instead of {theirs[what]!r}")
    return found


OWN = (".steppe", ".git", "__pycache__")
"""Folders in a project that are no matter of its steps."""


def _reset(project: Path, saved: Path) -> None:
    """Let a project be again as it was saved."""
    for path in project.iterdir():
        if path.name not in OWN:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    shutil.copytree(saved, project, symlinks=True, dirs_exist_ok=True)


def tree(project: Path) -> dict[str, str]:
    """Describe what is on the disk: files by mode and content, links, folders; but for copies that a hit has kept."""
    found = {}
    for path in _below(project):
        name = str(path.relative_to(project))
        if name.startswith(OWN) or ".kept-" in name:
            continue
        if path.is_symlink():
            found[name] = f"a link to {os.readlink(path)}"
        elif path.is_dir():
            found[name] = "a folder"
        else:
            found[name] = (
                "a database"
                if path.suffix in (".db", ".h5", ".duckdb")
                else f"{path.stat().st_mode & 0o777:o} {hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
            )
    return found


def _below(folder: Path) -> Iterator[Path]:
    """Yield what is below a folder, but for our own."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name not in OWN:
                yield Path(entry.path)
                if entry.is_dir(follow_symlinks=False):
                    yield from _below(Path(entry.path))


def write(project: Path, files: Files) -> None:
    """Write or remove files."""
    for name, content in files.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content if isinstance(content, bytes) else textwrap.dedent(content).encode())


def cells_of(text: str) -> list[str]:
    """Split a text into cells."""
    return [cell.strip("\n") for cell in textwrap.dedent(text).split("# %%\n")]


def run(
    project: Path, text: str, *, env: Mapping[str, str] | None = None, fresh: bool = False, stepped: bool = True
) -> dict[str, Any]:
    """Run cells in a new kernel in the project's folder."""
    request = {"folder": str(project), "cells": cells_of(text), "stepped": stepped, "env": dict(env or {})}
    line = json.dumps(request) + "\n"
    if fresh:
        done = subprocess.run(
            [sys.executable, "-B", str(SERVER), "once"],
            input=line,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **(env or {})},
        )
        answer = done.stdout or json.dumps({"broken": done.stderr})
    else:
        answer = _ask(line)
    found: dict[str, Any] = json.loads(answer)
    assert "broken" not in found, found["broken"]
    return found


_servers: list[subprocess.Popen[str]] = []


def _ask(line: str) -> str:
    if not _servers or _servers[0].poll() is not None:
        env = {**os.environ, "PYTHONHASHSEED": "random"}
        _servers[:] = [
            subprocess.Popen(
                [sys.executable, str(SERVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
            )
        ]
        atexit.register(_servers[0].kill)
    server = _servers[0]
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(line)
    server.stdin.flush()
    return server.stdout.readline()
