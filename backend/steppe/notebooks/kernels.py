"""Jupyter kernels in which every cell is a step: their specs on this machine, installed, listed and removed."""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from steppe.errors import UsageError
from steppe.types import Struct

NAME = "steppe"
TITLE = "Python 3 (Steppe)"
EXTENSION = "steppe_magic.every_cell"


class Kernel(Struct, frozen=True, kw_only=True):
    """A kernel that is installed.

    Attributes:
        name: what it is chosen by.
        title: what people see.
        folder: where its spec lies.
        python: the interpreter that it starts.
    """

    name: str
    title: str
    folder: str
    python: str


def install(name: str = NAME, title: str = TITLE, *, user: bool = False, prefix: str | None = None) -> Kernel:
    """Install a kernel of this interpreter.

    Args:
        name: what it is chosen by.
        title: what people see.
        user: for this user, in whichever environment Jupyter runs.
        prefix: for the environment there; where neither is given, for this interpreter's.

    Raises:
        UsageError: the name does not fit, another kernel has it, or it can't be written there.
    """
    from jupyter_client.kernelspec import KernelSpecManager

    if not re.fullmatch(r"[a-z0-9._-]+", name):
        raise UsageError(f"`{name}` is no name of a kernel: give lower-case letters, digits, dots and dashes.")
    if user and prefix:
        raise UsageError("--user and --prefix are two places: give one of them.")
    specs = KernelSpecManager()
    there = specs.find_kernel_specs().get(name)
    if there is not None and not _is_ours(_spec(there)):
        raise UsageError(f"there is a kernel `{name}` that is not Steppe's, in {there}: give another --name.")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "kernel.json").write_text(json.dumps(_written(title), indent=1), "utf-8")
        try:
            place = specs.install_kernel_spec(
                folder, name, user=user, prefix=None if user else os.path.abspath(prefix or sys.prefix)
            )
        except OSError as error:
            raise UsageError(f"the kernel can't be written: {error}. Give --user, or another --prefix.") from error
    return Kernel(name=name, title=title, folder=place, python=sys.executable)


def installed() -> list[Kernel]:
    """Return those that Jupyter finds from here."""
    from jupyter_client.kernelspec import KernelSpecManager

    found = []
    for name, folder in sorted(KernelSpecManager().find_kernel_specs().items()):
        spec = _spec(folder)
        if _is_ours(spec):
            title, python = str(spec.get("display_name", name)), str(spec["argv"][0])
            found.append(Kernel(name=name, title=title, folder=folder, python=python))
    return found


def remove(name: str) -> Kernel:
    """Remove a kernel that `install` has made.

    Raises:
        UsageError: there is none of that name, or it is another's.
    """
    from jupyter_client.kernelspec import KernelSpecManager

    known = {kernel.name: kernel for kernel in installed()}
    if name not in known:
        there = f"there are {', '.join(known)}" if known else "there are none"
        raise UsageError(f"there is no kernel `{name}` of Steppe's: {there}.")
    try:
        KernelSpecManager().remove_kernel_spec(name)
    except OSError as error:
        raise UsageError(f"{known[name].folder} can't be removed: {error}.") from error
    return known[name]


def _written(title: str) -> dict[str, Any]:
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", f"--ext={EXTENSION}"]
    return {"argv": argv, "display_name": title, "language": "python", "metadata": {"debugger": True}}


def _spec(folder: str) -> dict[str, Any]:
    try:
        found = json.loads(Path(folder, "kernel.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_ours(spec: dict[str, Any]) -> bool:
    return any(EXTENSION in str(word) for word in spec.get("argv", ()))
