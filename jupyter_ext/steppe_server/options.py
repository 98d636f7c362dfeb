"""What the form of a step's options shows and writes. What fits is decided where the kernel decides it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from steppe.analysis.lineedit import edited, problem, shown
from steppe.analysis.magicline import SWITCHES
from steppe.analysis.options import OPTIONS, checked
from steppe.errors import UsageError
from steppe_server.schemas.options import OptionGiven, OptionKind, OptionKinds, OptionsAsked, OptionsGiven

EXECUTORS = ("inline", "process", "kubernetes", "ray")
ENVIRONMENTS = ("imports", "lock", "ignore")
NOT_OPTIONS = ("step", "name")


def kinds(profiles: Iterable[str]) -> OptionKinds:
    """Return all options.

    Args:
        profiles: the names of the project's profiles.
    """
    choices = {"on": list(EXECUTORS), "env": list(ENVIRONMENTS), "profile": sorted(profiles), "seed": ["none"]}
    choices |= {name: ["true", "false"] for name in SWITCHES}
    return OptionKinds(
        options=[
            OptionKind(
                name=option.name,
                about=option.about,
                wanted=option.wanted,
                example=option.example,
                kind="switch" if option.name in SWITCHES else "choice" if option.name == "env" else "text",
                choices=choices.get(option.name, []),
            )
            for option in OPTIONS
        ]
    )


def given(asked: OptionsAsked, profiles: Iterable[str]) -> OptionsGiven:
    """Return what a cell gives after what was asked for was changed."""
    known = set(profiles)
    return _on_line(asked, asked.line, known) if asked.line is not None else _in_metadata(asked, known)


def _on_line(asked: OptionsAsked, line: str, profiles: set[str]) -> OptionsGiven:
    line = " ".join(line.splitlines())
    try:
        changed = edited(line, asked.changes, name=asked.name)
        name, settings = shown(changed)
    except UsageError as error:
        return OptionsGiven(line=line, given=asked.given, name="", settings=[], problem=str(error))
    if not asked.changes and asked.name is None:
        changed = line
    told = [
        OptionGiven(name=key, value=value, problem=_mistake(key, value, profiles)) for key, value in settings.items()
    ]
    return OptionsGiven(line=changed, given=asked.given, name=name, settings=told, problem=problem(changed))


def _mistake(key: str, value: str, profiles: set[str]) -> str:
    """Return why a text does not fit an option, or an empty text."""
    if key == "gather":  # which needs a loop beside it, and fits or not by itself
        return _misfit(key, value, profiles)
    try:
        wrong = problem(edited("", {key: value}))
    except UsageError as error:
        return str(error)
    return wrong or _no_profile(key, value, profiles)


def _no_profile(key: str, value: Any, profiles: set[str]) -> str:
    if key != "profile" or value in profiles or "{" in str(value):
        return ""
    known = ", ".join(sorted(profiles)) or "none"
    return f"profile={value}: no such table in [tool.steppe.profiles]; there are: {known}."


def _in_metadata(asked: OptionsAsked, profiles: set[str]) -> OptionsGiven:
    found = dict(asked.given)
    for key, value in {**asked.changes, **({} if asked.name is None else {"name": asked.name})}.items():
        if value:
            found[key] = value.strip()
        else:
            found.pop(key, None)
    told = [
        OptionGiven(name=key, value=_text(value), problem=_misfit(key, value, profiles))
        for key, value in found.items()
        if key not in NOT_OPTIONS
    ]
    wrong = next((each.problem for each in told if each.problem), "")
    name = found.get("name")
    return OptionsGiven(
        line=None, given=found, name=name if isinstance(name, str) else "", settings=told, problem=wrong
    )


def _misfit(key: str, value: object, profiles: set[str]) -> str:
    try:
        checked({key: value})
    except UsageError as error:
        return str(error)
    return _no_profile(key, value, profiles)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return str(value)
