"""Why a step runs: what of its ingredients is not what it was, in the user's own names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from steppe.engine.import_variables import ENVIRON
from steppe.types import Ingredient, Observation, StepRun

ORDER = (
    "code",
    "function",
    "class",
    "module",
    "input",
    "global",
    "source",
    "option",
    "setup",
    "ambient",
    "package",
    "python",
    "sharing",
)
"""Kinds of ingredients, those that people most likely changed themselves first."""


def changes(before: StepRun, now: StepRun) -> list[str]:
    """Return what changed between two resolutions of a step, most telling first; empty where nothing did."""
    was = {(item.kind, item.name): item for item in before.ingredients}
    is_ = {(item.kind, item.name): item for item in now.ingredients}
    found: list[str] = []
    policy = _policy(was, is_)
    if policy:
        found.append(policy)
    for place in sorted({*was, *is_}, key=lambda place: (ORDER.index(place[0]), place[1])):
        old, new = was.get(place), is_.get(place)
        if old is None or new is None or old.version != new.version:
            found += _change(old, new, before, now)
    return found + _observed(before.trace, now.trace)


def _policy(was: Iterable[tuple[str, str]], is_: Iterable[tuple[str, str]]) -> str:
    """Say that the environment counts now, or no more: its packages have then not changed."""
    before, now = (any(kind == "python" for kind, _ in places) for places in (was, is_))
    return "" if before == now else f"env= changed: the environment counts {'now' if now else 'no more'}"


def _change(old: Ingredient | None, new: Ingredient | None, before: StepRun, now: StepRun) -> Iterable[str]:
    item = new or old
    assert item is not None
    kind, name = item.kind, item.name
    if kind == "code":
        yield code_change(before.source, now.source)
    elif kind in ("function", "class"):
        what = f"{name.removesuffix('()')}()" if kind == "function" else f"the class {name}"
        yield f"{what} {_verb(old, new)}{_parts(old, new)}"
    elif kind == "module":
        yield f"{name.replace('.', '/')}.py {_verb(old, new)}{_parts(old, new)}"
    elif kind == "input":
        yield f"`{name.removesuffix('=')}` {_verb(old, new)}{_parts(old, new)}"  # of a call, `x=` is the argument
    elif kind == "global" and name.startswith(ENVIRON):
        yield f"the variable {name.removeprefix(ENVIRON)}, which a module asks for, {_verb(old, new)}"
    elif kind == "global":
        yield f"{name} {_verb(old, new, 'was set', 'is what its source says again')}{_parts(old, new)}"
    elif kind == "source":
        yield f"source {name} {_old_new(_said(old), _said(new))}"
    elif kind == "option":
        yield f"{name}= {_old_new(_version(old), _version(new))}"
    elif kind == "package":
        yield f"{name} {_old_new(_version(old), _version(new))}"
    elif kind == "python":
        yield f"Python {_old_new(_version(old), _version(new))}"
    elif kind == "setup":
        yield f"the setup of {name} {_verb(old, new)}{_parts(old, new)}"
    elif kind == "ambient":
        yield from _settings(name, old, new)
    elif kind == "sharing":
        yield f"{_shared(name)} {'share parts now' if new else 'share parts no more'}"


def _verb(
    old: Ingredient | None, new: Ingredient | None, added: str = "is read now", removed: str = "is read no more"
) -> str:
    if old is None:
        return added
    return removed if new is None else "changed"


def _old_new(old: str | None, new: str | None) -> str:
    if old is None:
        return f"is {new} now, and was not there before"
    return f"was {old}, and is not there now" if new is None else f"was {old}, is {new}"


def _version(item: Ingredient | None) -> str | None:
    return None if item is None else item.version


def _said(item: Ingredient | None) -> str | None:
    return None if item is None else item.detail.get("value", item.version)


def _parts(old: Ingredient | None, new: Ingredient | None) -> str:
    """Name the parts that differ: columns, keys, functions."""
    if old is None or new is None:
        return ""
    differ = [name for name in {**old.detail, **new.detail} if old.detail.get(name) != new.detail.get(name)]
    if not differ:
        return ""
    added = [name for name in differ if name not in old.detail]
    removed = [name for name in differ if name not in new.detail]
    same = [name for name in differ if name in old.detail and name in new.detail]
    if len(same) > 1 and list(new.detail) == list(old.detail) == ["dtype", "shape", "memory order", "content"]:
        same = [name for name in same if name != "content"]  # of an array of another form; it says nothing more
    if "columns" in same and "index" in new.detail:  # a frame: its labels follow from the columns that are told
        if added or removed:
            same.remove("columns")
        elif list(old.detail) != list(new.detail):
            same[same.index("columns")] = "the order of the columns"
    said = []
    if same:
        said.append(_some(same))
    if added:
        said.append(f"{_some(added)} added")
    if removed:
        said.append(f"{_some(removed)} removed")
    return f": {', '.join(said)}"


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:4])
    return shown if len(names) <= 4 else f"{shown} and {len(names) - 4} more"


def _settings(owner: str, old: Ingredient | None, new: Ingredient | None) -> Iterable[str]:
    was = old.detail if old else {}
    is_ = new.detail if new else {}
    for name in {**was, **is_}:
        if was.get(name) != is_.get(name):
            what = "the working directory" if name == owner == "cwd" else f"{owner}'s setting {name}"
            yield f"{what} {_old_new(was.get(name, 'the default'), is_.get(name, 'the default'))}"


def _shared(line: str) -> str:
    names = list(
        dict.fromkeys(part.partition("#")[0].split(" ")[-1] for part in line.replace(" lies ", " = ").split(" = "))
    )
    return " and ".join(f"`{name}`" for name in names)


def code_change(before: str, now: str) -> str:
    """Say which line of a cell is the first that differs."""
    old, new = before.splitlines(), now.splitlines()
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal" or (not "".join(old[i1:i2]).strip() and not "".join(new[j1:j2]).strip()):
            continue
        if tag == "insert":
            return f"the cell's code changed: line {j1 + 1} is new: `{new[j1].strip()}`"
        if tag == "delete":
            return f"the cell's code changed: `{old[i1].strip()}` is gone"
        return f"the cell's code changed: line {j1 + 1} was `{old[i1].strip()}`, is `{new[j1].strip()}`"
    return "the cell's code changed"


def _observed(before: Iterable[Observation], now: Iterable[Observation]) -> list[str]:
    was = {(item.kind, item.name): item.version for item in before}
    is_ = {(item.kind, item.name): item.version for item in now}
    words = {
        "file": "the file",
        "source": "the code of",
        "listing": "the folder",
        "tree": "the folder",
        "glob": "the files that match",
        "variable": "the variable",
    }
    return [
        f"{words.get(kind, '')} {name} changed".strip()
        for (kind, name), version in is_.items()
        if (kind, name) in was and was[kind, name] != version
    ]
