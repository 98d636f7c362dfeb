"""Why a step stays in the kernel where nobody asked for another place: what it uses, or does, that no worker has."""

from __future__ import annotations

import re
from typing import Any

from steppe.analysis.cell import Cell
from steppe.analysis.conduct import Conduct
from steppe.engine.step import Step
from steppe.values.lazy import is_lazy
from steppe.values.walk import LRU
from steppe.worker.execution import SHELLS, open_figures

PROCESS_WIDE = re.compile(
    r"\b(addaudithook|settrace|setprofile|displayhook|excepthook|unraisablehook|atexit|signal|last_value|last_type"
    r"|last_traceback|last_exc|faulthandler|tracemalloc|get_referrers|get_objects|setswitchinterval|__stdout__|__stderr__"
    r"|ctypes|getpid|getppid|gettid)\b"
)
"""Names of what belongs to a process, and neither comes back from a worker nor goes there."""

HOOKS = re.compile(r"\b(addaudithook|settrace|setprofile)\b")
"""What sees whatever runs in its process from then on."""

OUTSIDE = {
    "asyncio": "it may use the kernel's event loop",
    "logging": "it may change or use the kernel's loggers",
    "subprocess": "it may start a process, which could not be undone",
    "multiprocessing": "it may start a process, which could not be undone",
    "socket": "it may connect to somewhere, which could not be undone",
    "requests": "it may connect to somewhere, which could not be undone",
    "httpx": "it may connect to somewhere, which could not be undone",
    "urllib.request": "it may connect to somewhere, which could not be undone",
    "http.client": "it may connect to somewhere, which could not be undone",
    "smtplib": "it may connect to somewhere, which could not be undone",
    "ftplib": "it may connect to somewhere, which could not be undone",
    "sqlalchemy": "it may connect to a database, which could not be undone",
    "psycopg": "it may connect to a database, which could not be undone",
    "ipywidgets": "it may show live widgets, which belong to the kernel",
}
"""Modules whose use ties a step to the kernel, and why."""


def tied_to_kernel(step: Step) -> str:
    """Say what ties a step to the kernel, in words; nothing where it may as well run elsewhere."""
    session, cell = step.session, step.request.cell
    if HOOKS.search(cell.source):
        session.hooked = "a hook that an earlier cell has set sees what runs in the kernel alone"
        return "it sets a hook of the kernel's process"
    return session.hooked or _of_shell(cell) or _of_process(step)


def _of_shell(cell: Cell) -> str:
    """Say what of the shell itself the cell uses."""
    if "get_ipython" in cell.names.unbounded_reads:
        return "it uses get_ipython(), which is the kernel's own"
    for magic in cell.names.magics:
        if magic.conduct is Conduct.UNBOUNDED:
            return f"{magic.title} acts on the kernel itself"
    of_shell = sorted(name for name in cell.names.reads if SHELLS.fullmatch(name))
    return f"it reads `{of_shell[0]}`, which the kernel keeps" if of_shell else ""


def _of_process(step: Step) -> str:
    """Say what of the kernel's process the cell uses, or does to the world in a way that could not be undone."""
    cell, gathered = step.request.cell, step.gathered
    assert gathered is not None
    if started := cell.process():
        return f"{started.title} starts a process, and binds `_exit_code` in the kernel"
    if found := PROCESS_WIDE.search(cell.source):
        return f"it uses `{found.group()}`, which is the process's own"
    if cell.names.awaits:
        return OUTSIDE["asyncio"]
    for module in sorted(gathered.modules):
        for known, why in OUTSIDE.items():
            if module == known or module.startswith(f"{known}."):
                return why
    if left := open_figures():
        return f"an earlier cell has left {left} open in the kernel"
    for item in step.request.extra:
        if item.kind == "option" and " of " in item.name:
            return f"the notebook shows values in a way of its own ({item.name}), which the kernel knows alone"
    return _of_inputs(gathered.names, step.session.setting.namespace)


def _of_inputs(names: set[str], namespace: dict[str, Any]) -> str:
    """Say which input holds what would not go along."""
    for name in sorted(names):
        value = namespace.get(name)
        if is_lazy(value):
            continue
        if isinstance(value, LRU) and value.cache_info().currsize and value.__module__ == "__main__":
            return f"`{name}` has cached results, which would not go along"
        if isinstance(value, BaseException) and (value.__traceback__ or value.__cause__ or value.__context__):
            return f"`{name}` is an error with its traceback, which would not go along"
    return ""
