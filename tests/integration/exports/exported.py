"""Runs notebooks plainly and as exported modules, each in a process of its own: `python exported.py JOBS.json`.

Each job names a notebook, its module, and a folder to run in. What is printed is a line of JSON for each: digests of
the variables that a plain run leaves, of those that the module returns, and of both with its steps' results at hand.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import sys
import traceback
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def digests(space, names):
    """Return a digest for each of some variables: of what they hold, whatever shares it."""
    from tests.notebooks.corpus.oracle.libraries import BY_NAME
    from tests.notebooks.corpus.oracle.reader import Reader
    from tests.notebooks.corpus.oracle.standard import BY_TYPE, REPR_IS_ALL

    kinds = (types.FunctionType, types.BuiltinFunctionType, types.ModuleType, type)
    found = {}
    for name in sorted(names):
        value = space[name]
        if not isinstance(value, kinds) and "is_step_function" not in type(value).__dict__:
            found[name] = Reader(BY_TYPE, BY_NAME, REPR_IS_ALL).read(value, name)
    return found


def plain(notebook, folder):
    """Run a notebook's cells in a shell, without steps."""
    import nbformat
    from IPython.core.interactiveshell import InteractiveShell

    from steppe.analysis.transform import split_step

    os.chdir(folder)
    sys.path.insert(0, str(folder))
    shell = InteractiveShell.instance()
    shell.enable_matplotlib = lambda *_: None
    if "pyplot" in str(nbformat.read(notebook, 4)):
        import matplotlib as mpl

        mpl.use("module://matplotlib_inline.backend_inline")
        from matplotlib_inline.backend_inline import flush_figures

        shell.events.register("post_execute", flush_figures)
    before = set(shell.user_ns)
    for cell in nbformat.read(notebook, 4).cells:
        if cell.cell_type == "code" and "%load_ext" not in cell.source:
            split = split_step(cell.source)
            result = shell.run_cell(cell.source if split is None else split[1], store_history=True)
            if not result.success:
                raise RuntimeError(f"the notebook itself fails: {result.error_in_exec or result.error_before_exec!r}")
    return digests(shell.user_ns, {name for name in set(shell.user_ns) - before if not name.startswith("_")})


def module(file, folder, names):
    """Run an exported module as a program."""
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    sys.argv = [str(file)]
    main = types.ModuleType("__main__")
    main.__file__ = str(file)
    sys.modules["__main__"] = main
    exec(compile(Path(file).read_text("utf-8"), str(file), "exec", dont_inherit=True), vars(main))
    last = Path(file).read_text("utf-8").splitlines()[-1].split()[0]
    values = {**{name: vars(main)[name] for name in names if name in vars(main)}, **vars(main)[last]}
    return digests(values, values)


def in_child(work, *args):
    """Do some work in a process of its own; return what it returns, or the error's text."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reads)
        try:
            with contextlib.redirect_stdout(io.StringIO()) as out:
                found = {"values": work(*args)}
            found["shown"] = out.getvalue()
        except BaseException:
            found = {"error": traceback.format_exc()}
        with os.fdopen(writes, "w") as file:
            json.dump(found, file)
        from steppe.functions import sessions

        getattr(sessions, "close_all", lambda: None)()
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads) as file:
        text = file.read()
    os.waitpid(child, 0)
    return json.loads(text or '{"error": "it died"}')


def main(jobs):
    sys.path.insert(0, str(ROOT))
    import IPython  # noqa: F401  # once for all
    import pandas as pd  # noqa: F401

    import steppe  # noqa: F401
    import tests.notebooks.corpus.oracle.libraries  # noqa: F401

    for job in json.loads(Path(jobs).read_text()):
        notebook, folder = Path(job["notebook"]), Path(job["folder"])
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        found = {"plain": in_child(plain, notebook, folder)}
        names = list(found["plain"].get("values", ()))
        shutil.rmtree(folder)
        folder.mkdir()
        (folder / "pyproject.toml").touch()
        file = folder / f"{notebook.stem}.py"
        shutil.copy(job["module"], file)
        found["first"] = in_child(module, file, folder, names)
        for left in folder.iterdir():  # what a notebook makes, it may not find there already
            if left.name not in (".steppe", "pyproject.toml", file.name):
                shutil.rmtree(left) if left.is_dir() else left.unlink()
        found["second"] = in_child(module, file, folder, names)
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
