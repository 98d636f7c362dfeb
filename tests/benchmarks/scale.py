"""How a hit's time behaves where there is much of something: names, functions, modules, entries, small objects."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from notebook import Notebook
from row import Row, interleaved

HIT = "%%step a\ny = x + 1"


def rows(folder: str, *, small: bool) -> Iterator[Row]:
    """Measure."""
    many = 5 if small else 100
    parts = 50 if small else 1
    _write_modules(folder, 200 // parts)
    notebook = Notebook(folder)
    notebook.run("x = 3")
    notebook.step(HIT, "succeeded")

    def hit(cell: str, rounds: int = many) -> float:
        return interleaved(rounds, hit=lambda _: notebook.step(cell, "hit"))["hit"]

    yield Row("scale: a hit in a small notebook", hit(HIT))
    notebook.run("\n".join(f"name_{n} = [{n}]" for n in range(1000 // parts)))
    yield Row("  with 1,000 names in the namespace", hit(HIT))
    for n in range(200 // parts):
        body = f"f_{n - 1}(x) + {n}" if n else "x"
        notebook.run(f"def f_{n}(x):\n    return {body}")
    yield Row("  with 200 functions beside it", hit(HIT))
    calls = f"%%step b\nz = f_{200 // parts - 1}(x)"
    notebook.step(calls, "succeeded")
    yield Row("  calling through 200 functions", hit(calls))
    notebook.run("import project_0")
    imports = "%%step c\nw = project_0.value(x)"
    notebook.step(imports, "succeeded")
    yield Row("  using a project of 200 modules", hit(imports))
    notebook.run(HIT)  # an import of the project is setup, so the key is another from here on
    seed = time.time_ns()
    for n in range(10_000 // parts // 10):
        notebook.step(f"%%step d\nv = x + {seed + n}", "succeeded")
    yield Row(f"  with {10_000 // parts // 10:,} more entries in the catalog", hit(HIT))
    notebook.run(f"deep = [[{{'a': i, 'b': [i, str(i)]}} for i in range(j, j + 10)] for j in range({25_000 // parts})]")
    notebook.step("%%step e\nu = len(deep)", "succeeded")
    took = interleaved(
        1 if small else 3, hit=lambda _: notebook.step("%%step e\nu = len(deep)", "hit"), dumps=_dumps(notebook)
    )
    yield Row("  reading a nested list of 1M small objects", took["hit"], "ms", "pickle.dumps", took["dumps"])


def _dumps(notebook: Notebook):
    import pickle

    return lambda _: pickle.dumps(notebook["deep"], 5) and None


def _write_modules(folder: str, count: int) -> None:
    os.makedirs(folder, exist_ok=True)
    for n in range(count):
        below = [m for m in (2 * n + 1, 2 * n + 2) if m < count]
        imports = "".join(f"import project_{m}\n" for m in below)
        value = " + ".join(["x", *(f"project_{m}.value(x)" for m in below)])
        Path(folder, f"project_{n}.py").write_text(
            f"{imports}LIMIT_{n} = [{n}]\n\n\ndef value(x):\n    return {value}\n"
        )
