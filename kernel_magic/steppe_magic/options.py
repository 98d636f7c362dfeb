"""The options of a cell, from its `%%step` line, its metadata and a profile; `{expr}` is evaluated in the kernel."""

from __future__ import annotations

from functools import partial
from typing import Any

from steppe.analysis.magicline import Expression, parse_line
from steppe.analysis.options import Options, from_mapping
from steppe.engine.materialise import materialise
from steppe.engine.session import Session
from steppe.errors import BadOption, Unversionable, UsageError
from steppe.settings import Settings
from steppe.types import Ingredient
from steppe.values.walk import Walk


def read(line: str, given: dict[str, Any], shell: Any, settings: Settings) -> Options:
    """Return a cell's options: its line over its metadata over its profile.

    Raises:
        UsageError: an option is unknown or does not fit.
    """
    evaluate = partial(_evaluate, shell=shell)
    name, mapping = parse_line(line).fill(evaluate)
    merged = {key: value for key, value in given.items() if key not in ("step", "name")} | mapping
    profile = merged.get("profile")
    if profile is not None and profile not in settings.profiles:
        known = ", ".join(sorted(settings.profiles)) or "none"
        raise BadOption("profile", profile, f"no such table in [tool.steppe.profiles]; there are: {known}")
    table = settings.profiles[profile] if profile is not None else None
    return from_mapping(merged, name=name or given.get("name"), profile=table)


def _evaluate(expression: str, shell: Any) -> Any:
    """Evaluate an expression of the line in the kernel, with what it reads made real."""
    materialise(Expression(expression).reads, shell.user_ns)
    return eval(expression, shell.user_global_ns, shell.user_ns)  # noqa: S307  # the user's own line


def source_ingredient(expression: str, shell: Any, session: Session) -> Ingredient:
    """Evaluate `source=`: its value is an input.

    Raises:
        UsageError: it can't be evaluated, or its value has no version.
    """
    try:
        value = _evaluate(expression, shell)
    except Exception as error:
        raise UsageError(f"%%step source={expression}: {type(error).__name__}: {error}.") from error
    try:
        root = Walk(session.sources).root_of(value)
    except Unversionable as error:
        raise UsageError(f"%%step source={expression}: {error}.") from error
    said = repr(value)[:120]
    return Ingredient(kind="source", name=expression, version=root.version, detail={"value": said})
