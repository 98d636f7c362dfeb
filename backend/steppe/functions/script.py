"""The source of functions that no cell has: of the script that runs, and of modules. Is it still what is loaded?"""

from __future__ import annotations

import ast
import functools
import linecache
import os
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import psutil

from steppe.analysis.clock import reads_clock
from steppe.analysis.effects import Act, acts_elsewhere
from steppe.analysis.functions import Definition, Index, place_of
from steppe.engine.setup_rules import path_of, settled

_STALE: dict[str, str] = {}
"""Why the code of a file is not what it says now, by file."""


def text_of(file: str) -> str:
    """Return the source of a file; empty where there is none."""
    return "".join(linecache.getlines(file))


def know(session: Any, code: types.CodeType) -> str:
    """Let a session know the source of a function of the script; say why it can't, in words, or nothing."""
    file = code.co_filename
    if session.sources.text(file) is None and file not in _STALE:
        text = text_of(file)
        _STALE[file] = _differs(file, text)
        if text and not _STALE[file]:
            session.sources.add(file, text)
    return _STALE.get(file, "")


def _differs(file: str, text: str) -> str:
    """Say that a script has been edited since it was started, where a function of it is not what its source says."""
    if not text or not _is_another(file, text, vars(sys.modules["__main__"])):
        return ""
    return f"{os.path.basename(file)} has changed since it was started: run it again"


def _is_another(file: str, text: str, namespace: dict[str, Any]) -> bool:
    """Tell whether a function that was made of a file is not what a text says."""
    try:
        written = set(_codes(compile(text, file, "exec", dont_inherit=True)))
    except (SyntaxError, ValueError):
        written = set()
    for value in list(namespace.values()):
        for function in _functions(value):
            if function.__code__.co_filename == file and function.__code__ not in written:
                return True
    return False


def mark_edited(modules: Any) -> None:
    """Have modules that were edited between their import and now, when a session begins, taken for edited."""
    began = psutil.Process().create_time() - 2
    for name, source in modules.loaded.items():
        try:
            fresh = os.stat(source.file).st_mtime >= began
        except OSError:
            continue
        module = sys.modules.get(name)
        if fresh and module is not None and _is_another(source.file, text_of(source.file), vars(module)):
            source.version, source.status = "edited since", None


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def _functions(value: Any) -> Iterator[types.FunctionType]:
    if isinstance(value, type):
        for member in vars(value).values():
            inner = getattr(member, "__func__", member)
            if isinstance(inner, types.FunctionType):
                yield inner
        return
    inner = getattr(value, "__wrapped__", value) if type(value).__name__ == "StepFunction" else value
    if isinstance(inner, types.FunctionType):
        yield inner


def definition(session: Any, code: types.CodeType) -> Definition | None:
    """Return where a function was written: in a cell, the script, or a module's file as it is now."""
    found: Definition | None = session.sources.definition(code)
    return found if found is not None else _in_file(code)


@functools.lru_cache(256)
def _in_file(code: types.CodeType) -> Definition | None:
    text = text_of(code.co_filename)
    try:
        return Index.of(text).find(place_of(code)) if text else None
    except SyntaxError:
        return None


def clock(found: Definition, function: types.FunctionType) -> str:
    """Return the first thing in a function that is new each time, such as `time.time`; empty where there is none."""
    return reads_clock(found.node, lambda name: path_of(name, function.__globals__.get))


def sets_up(found: Definition, function: types.FunctionType) -> str:
    """Say what a function sets up that no hit would set up again, or nothing."""
    if not isinstance(found.node, ast.FunctionDef | ast.AsyncFunctionDef):
        return ""
    get: Callable[[str], Any] = function.__globals__.get
    effect = acts_elsewhere(found.glance, lambda name: path_of(name, get), lambda _: False)
    if effect is None or settled(effect).act is not Act.SETUP:
        return ""
    return f"it sets up what a hit would not: {effect.what}"
