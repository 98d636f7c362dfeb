"""Changes one thing on the line of `%%step`, as `magicline` reads it, and leaves the rest as it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from steppe.analysis.magicline import Expression, Text, parse_line, words
from steppe.analysis.options import BY_NAME
from steppe.errors import BadOption, UnknownOption, UsageError


def shown(line: str) -> tuple[str, dict[str, str]]:
    """Return the name on a line and what stands there for each option, without quotes; expressions in their braces.

    Raises:
        UsageError: a quote or a brace is not closed.
    """
    name = ""
    settings: dict[str, str] = {}
    for key, text, _ in words(line):
        if key is None:
            name = name or _said(text)
        else:
            settings.setdefault(key, _said(text))
    return name, settings


def edited(line: str, changes: Mapping[str, str | None], *, name: str | None = None) -> str:
    """Return a line with other values for some options; what is not changed stays, letter for letter.

    Args:
        line: what stands after `%%step`.
        changes: the new text of each option, as `shown` gives it; None or an empty one takes the option away.
        name: another name; an empty one takes it away, None leaves it.

    Raises:
        UnknownOption: a change is of no option.
        BadOption: a text can't be written on the line.
        UsageError: a quote or a brace on the line is not closed.
    """
    for asked in changes:
        if asked not in BY_NAME:
            raise UnknownOption(asked, BY_NAME)
    left = dict(changes)
    kept: list[str] = []
    named: str | None = None
    for key, _, raw in words(line):
        if key is None and named is None and not kept:
            named = raw
        elif key is None or key not in changes:
            kept.append(raw)
        elif key in left and (text := left.pop(key)):
            kept.append(_written(key, text))  # an option that stands there twice is written once
    kept += [_written(key, added) for key in BY_NAME if (added := left.get(key))]
    if name is not None:
        named = _quoted("name", name.strip(), lambda word: word) if name.strip() else None
    return " ".join([*([named] if named is not None else []), *kept])


def problem(line: str) -> str:
    """Return what is wrong with a line in one sentence, or an empty text."""
    try:
        parse_line(line)
    except UsageError as error:
        return str(error)
    return ""


def _said(text: Text) -> str:
    return "".join(
        f"{{{part.text}}}" if isinstance(part, Expression) else part.replace("{", "{{").replace("}", "}}")
        for part in text
    )


def _written(key: str, value: str) -> str:
    return _quoted(key, value.strip(), lambda word: f"{key}={word}")


def _quoted(key: str, value: str, placed: Callable[[str], str]) -> str:
    """Return a word as it has to be written: the first way in which it reads as what it is."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    for word in (value, f'"{value}"', f"'{value}'", f'"{escaped}"'):
        whole = placed(word)
        try:
            found = words(whole)
        except UsageError:
            continue
        if len(found) == 1 and (found[0][0] or "name") == key and _said(found[0][1]) == value:
            return whole
    raise BadOption(key, value, "a quote or a brace in it is not closed")
