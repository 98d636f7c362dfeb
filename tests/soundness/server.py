"""Runs notebooks' cells in forked children of one warm process: a new kernel in a tenth of a second.

A request is a line of JSON on stdin: `folder`, `cells`, `stepped`, `env`; the answer is a line on stdout (see `run`). With
the argument `once` a single request is run without a fork, in an interpreter of its own.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import sys
import traceback
import types
from typing import Any

sys.path = [
    entry for entry in sys.path if os.path.realpath(entry or ".") != os.path.dirname(os.path.realpath(__file__))
]

sys.dont_write_bytecode = True  # Python itself takes a file of the same size and second for the one that it compiled
STEP = re.compile(r"\A%%step[^\n]*\n")


def run(request: dict[str, Any]) -> dict[str, Any]:
    """Run the cells; return each cell's `state`, `why`, `shown` and `error`, and the final variables, described."""
    os.chdir(request["folder"])
    os.environ.update(request["env"])
    os.environ["JPY_SESSION_NAME"] = os.path.join(request["folder"], "case.ipynb")  # so both kernels are one notebook's
    sys.path.insert(0, request["folder"])
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "NoColor"
    shell = InteractiveShell.instance(config=config)
    shell.enable_gui = lambda *_: None
    known = set(shell.user_ns)
    steps = None
    if request["stepped"]:
        from steppe_magic.extension import load

        steps = load(shell)
    cells = [_run_cell(shell, steps, text, number) for number, text in enumerate(request["cells"])]
    if steps is not None:
        steps.wait_all()
        steps.materialise_all()
    memo: dict[int, int] = {}
    variables = {
        name: describe(shell.user_ns[name], memo)
        for name in sorted(shell.user_ns)
        if name not in known and not name.startswith("_")
    }
    if steps is not None:
        steps.session.close()
    return {"cells": cells, "variables": variables}


def _run_cell(shell: Any, steps: Any, text: str, number: int) -> dict[str, Any]:
    out, before = io.StringIO(), len(steps.steps) if steps else 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        given = text if steps is not None else STEP.sub("\n", text)
        result = shell.run_cell(given, store_history=True, cell_id=f"c{number}")
    error = result.error_before_exec or result.error_in_exec
    step = steps.steps[-1] if steps and len(steps.steps) > before else None
    shown = "" if error else re.sub(r"0x[0-9a-f]+", "0x", out.getvalue())
    return {
        "state": str(step.state) if step else None,
        "why": list(step.why) if step else [],
        "key": step.key if step else None,
        "step": step.request.name if step else None,
        "shown": shown,
        "error": f"{type(error).__name__}: {error}" if error else "",
    }


def describe(value: Any, memo: dict[int, int]) -> Any:
    """Describe a value as JSON, so that two differ where a user could tell them apart; shared parts by number."""
    kind = type(value)
    name = f"{kind.__module__}.{kind.__qualname__}"
    if value is None or kind in (bool, int, float, complex, str, bytes, type(...)):
        return f"{kind.__name__} {value!r}"
    if isinstance(value, type | types.FunctionType | types.BuiltinFunctionType | types.ModuleType):
        return f"{kind.__name__} {getattr(value, '__name__', '')}"
    if id(value) in memo and kind not in (tuple, frozenset):
        return f"#{memo[id(value)]}"
    memo[id(value)] = len(memo)
    KEEP.append(value)
    if kind in (list, tuple):
        return [kind.__name__, *(describe(item, memo) for item in value)]
    if kind in (set, frozenset):
        return [kind.__name__, *sorted(json.dumps(describe(item, memo)) for item in value)]
    if kind is dict:
        return ["dict", *([describe(key, memo), describe(item, memo)] for key, item in value.items())]
    if name == "numpy.ndarray":
        order = [value.flags.c_contiguous, value.flags.f_contiguous]
        if value.dtype.hasobject:
            return [name, str(value.dtype), value.shape, order, [describe(item, memo) for item in value.flat]]
        return [name, str(value.dtype), value.shape, order, hashlib.sha256(value.tobytes()).hexdigest()]
    if name.startswith("pandas.") and name.rpartition(".")[2] in ("DataFrame", "Series"):
        labels = list(value.columns) if hasattr(value, "columns") else [value.name]
        types_ = [str(item) for item in (value.dtypes if hasattr(value, "columns") else [value.dtype])]
        text = value.to_json(orient="split", double_precision=15, default_handler=repr) if value.index.is_unique else ""
        return [name, repr(labels), types_, repr(value.index), text, value.to_string(), repr(value.attrs)]
    if hasattr(value, "__dict__") and not isinstance(value, dict | list):
        return [name, describe(dict(vars(value)), memo), _text(value)]
    if isinstance(value, list | tuple | set | frozenset):
        return [name, *(describe(item, memo) for item in value)]
    if isinstance(value, dict):
        return [name, *([describe(key, memo), describe(item, memo)] for key, item in value.items())]
    return [name, _text(value)]


KEEP: list[Any] = []
"""What was described: kept, so that no id is given twice."""


def _text(value: Any) -> str:
    try:
        return re.sub(r"0x[0-9a-f]+", "0x", repr(value))
    except Exception as error:
        return f"no repr: {type(error).__name__}"


def answer(request: dict[str, Any]) -> str:
    """Run a request; whatever goes wrong is the answer."""
    try:
        return json.dumps(run(request))
    except BaseException:
        return json.dumps({"broken": traceback.format_exc()})


def serve() -> None:
    """Answer each request in a child."""
    warm()
    for line in sys.stdin:
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            text = answer(json.loads(line))
            with os.fdopen(writing, "w") as pipe:
                pipe.write(text)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            text = pipe.read()
        os.waitpid(child, 0)
        print(text or json.dumps({"broken": "the child died"}), flush=True)


def warm() -> None:
    """Import what every kernel of the table needs, and do once what each would do alike; no state is made yet."""
    import gc
    import importlib

    import IPython.core.interactiveshell
    import numpy
    import pandas
    import pyarrow

    from steppe.worker.ambient import counters

    del IPython, numpy, pandas, pyarrow
    for name in _imported_by_a_step():
        importlib.import_module(name)
    counters.Counters().read()
    gc.collect()
    gc.freeze()


def _imported_by_a_step() -> list[str]:
    """Return the modules that are loaded for a notebook with a step and a hit, ours and of `packaging`: a child runs one."""
    import tempfile

    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        with tempfile.TemporaryDirectory() as folder, os.fdopen(writing, "w") as pipe:
            os.mkdir(os.path.join(folder, ".git"))
            cells = [
                "import pandas",
                "%%step one\nx = pandas.NA, 1",
                "%%step one\nx = [1]",
                "%%step one\nx = [1]",
                "%%step two\nprint(x)",
                "y = x",
            ]
            told = answer({"folder": folder, "cells": cells, "stepped": True, "env": {}})
            assert "broken" not in told, told
            own = [name for name in sys.modules if name.startswith(("steppe.", "steppe_magic.", "packaging."))]
            pipe.write(json.dumps(own))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return json.loads(told)


if __name__ == "__main__":
    if sys.argv[1:] == ["once"]:
        real = os.dup(1)
        text = answer(json.loads(sys.stdin.readline()))
        os.write(real, text.encode())
        os._exit(0)
    serve()
