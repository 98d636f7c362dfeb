"""Writes down a kernel's final namespace and ambient state. It is the last cell of a notebook that runs it.

Runs inside the kernel (`runpy.run_path`), so it imports the standard library alone, uses NumPy, pandas and others only
where the notebook has loaded them, and binds, draws and changes nothing. It shares no code with Steppe.

Values are read structurally. What has no structure that could be read without running its own code (a figure, a lock, a
generator) is known by its class alone.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
try:
    from oracle.ambient import ambient
    from oracle.libraries import BY_NAME
    from oracle.reader import ATOMS, Reader, class_name
    from oracle.standard import BY_TYPE, REPR_IS_ALL
finally:
    del sys.path[0]

IPYTHONS_OWN = {"get_ipython", "exit", "quit", "open", "__builtin__", "__builtins__"}


def namespace(names: dict[str, Any]) -> tuple[dict[str, Any], list[list[str]]]:
    """Return each name's class, digest, a short text and its first parts' digests; and the places that share parts."""
    reader = Reader(BY_TYPE, BY_NAME, REPR_IS_ALL)
    found = {}
    for name in sorted(names):
        if name in IPYTHONS_OWN or (name.startswith("__") and name.endswith("__")):
            continue
        reader.parts = {}
        value = names[name]
        digest = reader.read(value, name)
        found[name] = {"type": class_name(type(value)), "digest": digest, "shown": show(value), "parts": reader.parts}
    return found, reader.shared()


def show(value: Any) -> str:
    """Return a few words on a value, for the reader of a report."""
    if type(value) in ATOMS:
        return repr(value)[:80]
    if class_name(type(value)) == "numpy.ndarray":
        flags = value.flags
        order = "C" * flags.c_contiguous + "F" * flags.f_contiguous
        return f"{value.dtype} {value.shape} {order or 'strided'} {'writeable' if flags.writeable else 'read-only'}"
    if isinstance(value, (list, tuple, dict, set, frozenset)):
        return f"{len(value)} items"
    if class_name(type(value)).startswith("pandas."):
        return f"{getattr(value, 'shape', '')} {getattr(value, 'dtypes', '')}"[:200]
    return ""


def write(names: dict[str, Any]) -> None:
    """Write the summary of a namespace to the file that the environment names."""
    with warnings.catch_warnings():
        settled = ambient(Reader(BY_TYPE, BY_NAME))
        warnings.simplefilter("ignore")
        found, sharing = namespace(dict(names))
    text = json.dumps({"names": found, "sharing": sharing, "ambient": settled})
    Path(os.environ["CORPUS_SUMMARY_FILE"]).write_text(text, "utf-8")
