"""Runs scripts, given as JSON on standard input, each in forks of this process: with Steppe and without it."""

import json
import os
import sys
import types
from importlib import import_module
from pathlib import Path

LOADED = "IPython alembic numpy pandas steppe steppe.catalog steppe.engine.session steppe.functions.call".split()  # noqa: SIM905


def run(folder, text, files, *, plain=False):
    """Run a script in a fork; return what it printed, and the states of its steps."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(ours)
        try:
            _in_fork(Path(folder), text, files, theirs, plain=plain)
        finally:
            os._exit(0)
    os.close(theirs)
    with open(ours, encoding="utf-8") as pipe:
        said = pipe.read()
    os.waitpid(pid, 0)
    shown, _, states = said.partition("STATES ")
    return shown, states.strip()


def _in_fork(folder, text, files, pipe, *, plain):
    os.chdir(folder)
    for name, content in files.items():
        (folder / name).write_text(content)
    script = folder / "flow.py"
    script.write_text(text)
    os.environ["STEPPE_MACHINE"] = str(folder)
    main = types.ModuleType("__main__")
    main.__file__ = str(script)
    sys.modules["__main__"] = main
    sys.path.insert(0, str(folder))
    sys.argv = ["flow.py"]
    sys.stdout = open(pipe, "w", buffering=1, encoding="utf-8", closefd=False)  # noqa: SIM115  # until the end
    import steppe

    if plain:
        steppe.step = steppe.pipeline = lambda function=None, **_: function or (lambda inner: inner)
    try:
        exec(compile(text, main.__file__, "exec"), vars(main))  # it is the test
    except BaseException as error:  # it is told
        print(f"{type(error).__name__}: {error}")
    if not plain:
        _tell_states()
    sys.stdout.flush()


def _tell_states():
    from steppe.catalog import StepRunFilter
    from steppe.engine import current
    from steppe.functions.recorder import RECORDER

    session = current.current()
    if session is not None:
        RECORDER.flush()
        found = session.catalog.step_runs.list(StepRunFilter(run=session.run.id), limit=100).items
        print("STATES " + " ".join(f"{run.step.name}:{run.state}" for run in sorted(found, key=lambda run: run.id)))
        session.close()


def main():
    sys.dont_write_bytecode = True
    for name in LOADED:
        import_module(name)
    for row in json.load(sys.stdin):
        folder = Path(row["folder"])
        (folder / ".git").mkdir(parents=True)
        done = {
            "cold": run(folder, row["before"], row["files"]),
            "warm": run(folder, row["after"], row["new"]),
            "first": run(folder, row["before"], row["files"], plain=True),
            "plain": run(folder, row["after"], row["new"], plain=True),
        }
        print(json.dumps({"name": row["name"], **done}), flush=True)


if __name__ == "__main__":
    main()
