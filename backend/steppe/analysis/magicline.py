"""The line of `%%step`: an optional name, then `key=value` with shell-like quotes, and `{expression}` from the kernel.

    name        := word                          %%step train
    setting     := key "=" word                  memory=16Gi   files="a b.csv,c.csv"
    word        := { plain | 'quoted' | "quoted" | {expression} }

`{expression}` ends at the brace that closes it: braces, brackets and quotes inside belong to Python. It is not
evaluated here. `{{` and `}}` are braces themselves; in single quotes braces are plain text, as `$` is to a shell.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from steppe.analysis.loops import grid_of, loop_of
from steppe.analysis.options import BY_NAME, Options, from_mapping
from steppe.analysis.tree import BROKEN, parse_expression, walk
from steppe.errors import BadOption, UnknownOption, UsageError
from steppe.types import Struct

SWITCHES = ("cache", "setup", "wait")
"""Options that are true or false, which a person may try to give as a bare word."""

_KEY = re.compile(r"([^\W\d][\w-]*)=")


class Expression(Struct, frozen=True):
    """A Python expression on the line, to be evaluated in the kernel."""

    text: str

    @property
    def reads(self) -> frozenset[str]:
        """The names in it."""
        return frozenset(node.id for node in walk(parse_expression(f"({self.text})")) if isinstance(node, ast.Name))


Text: TypeAlias = tuple[str | Expression, ...]
"""Plain text and expressions, in order. One expression alone keeps the type of its value."""

Evaluate: TypeAlias = Callable[[str], object]


class Line(Struct, frozen=True, kw_only=True):
    """What stands on the line of `%%step`.

    Attributes:
        name: the step's name, or None.
        settings: what is given for each option, in order. For `source`, `map` and `sweep` it is one plain text: the
            expression or the loops themselves.
    """

    name: Text | None = None
    settings: dict[str, Text] = {}

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """All expressions that are to be evaluated, in order; not those of `source`, `map` and `sweep`: see WHOLE."""
        texts = [self.name or (), *self.settings.values()]
        return tuple(part for text in texts for part in text if isinstance(part, Expression))

    @property
    def reads(self) -> frozenset[str]:
        """The names that its expressions read, that of `source` included."""
        found = [part.reads for part in self.expressions]
        if "source" in self.settings:
            found.append(Expression(_plain(self.settings["source"])).reads)
        if (loop := loop_of(_plain(self.settings.get("map", ())))) is not None:
            found.append(loop.reads)
        found += [each.reads for each in grid_of(_plain(self.settings.get("sweep", ()))) or ()]
        return frozenset().union(*found)

    def fill(self, evaluate: Evaluate | None = None) -> tuple[str | None, dict[str, Any]]:
        """Return the name, and what is given for each option, with expressions replaced by their values.

        Args:
            evaluate: evaluates an expression; not needed where there is none.

        Raises:
            UsageError: an expression raised an error, or gives an empty name.
        """
        name = None if self.name is None else str(_filled("name", self.name, evaluate)).strip()
        if name == "":
            raise UsageError("%%step: the step's name is empty. Leave it out, or give one.")
        return name, {key: _filled(key, text, evaluate) for key, text in self.settings.items()}

    def options(
        self, evaluate: Evaluate | None = None, profiles: Mapping[str, Mapping[str, object]] | None = None
    ) -> Options:
        """Return the options that the line gives, over those of the profile that it names.

        Args:
            evaluate: evaluates an expression; not needed where there is none.
            profiles: the project's profiles by name.

        Raises:
            UsageError: an expression raised an error, or an option does not fit.
        """
        name, mapping = self.fill(evaluate)
        profile = None
        if "profile" in mapping:
            known = profiles or {}
            wanted = str(mapping["profile"])
            if wanted not in known:
                has = f"there are {', '.join(sorted(known))}" if known else "there are none"
                raise BadOption("profile", wanted, f"no such table in [tool.steppe.profiles]; {has}")
            profile = {key: value for key, value in known[wanted].items() if key != "profile"}
        return from_mapping(mapping, name=name, profile=profile)


def parse_line(line: str) -> Line:
    """Read the line of `%%step`, without the `%%step` itself.

    Keys are checked, and so are values without expressions.

    Raises:
        UnknownOption: a key is no option; names the nearest.
        BadOption: a value does not fit.
        UsageError: the line can't be read: a second bare word, a key twice, a quote or brace that is not closed.
    """
    name: Text | None = None
    settings: dict[str, Text] = {}
    for key, text, raw in words(line):
        if key is None:
            _check_name(raw, name, settings)
            name = text
            continue
        if key not in BY_NAME:
            raise UnknownOption(key, BY_NAME)
        if key in settings:
            raise UsageError(f"%%step gives `{key}` twice. Keep one of them.")
        if text == ():
            raise BadOption(key, "", f"{BY_NAME[key].wanted}, without a space after `=`")
        settings[key] = (_source(text),) if key == "source" else (_whole(text),) if key in WHOLE else text
    found = Line(name=name, settings=settings)
    from_mapping({key: _plain(text) for key, text in settings.items() if all(isinstance(part, str) for part in text)})
    return found


def name_on(line: str) -> str:
    """Return the plain name on a line that may be wrong otherwise; an empty text where it has none."""
    try:
        bare = [text for key, text, _ in words(line) if key is None]
    except UsageError:
        return ""
    return _plain(bare[0]) if bare and all(isinstance(part, str) for part in bare[0]) else ""


def _check_name(raw: str, name: Text | None, settings: dict[str, Text]) -> None:
    """Refuse a bare word that can't be the step's name."""
    if raw.startswith("="):
        raise UsageError(f"%%step: write `key=value` without spaces around `=`, not ` {raw}`.")
    if raw in SWITCHES:
        raise UsageError(f"%%step {raw}: write {raw}=true; to name a step so, write '{raw}' in quotes.")
    if name is not None or settings:
        if raw in BY_NAME:
            raise UsageError(f"%%step: write `{raw}=…` without spaces around `=`.")
        place = "comes after an option" if name is None else "is a second one"
        raise UsageError(
            f"%%step takes one name, first, and then key=value: `{raw}` {place}. "
            "Put a name with spaces in quotes, and give each option a value."
        )


def _source(text: Text) -> str:
    """Return the expression of `source=`, which may stand in braces or not."""
    if len(text) == 1 and isinstance(text[0], Expression):
        return text[0].text
    whole = "".join(part if isinstance(part, str) else f"{{{part.text}}}" for part in text)
    if BY_NAME["source"].read(whole) is None:
        raise BadOption("source", whole, BY_NAME["source"].wanted)
    return whole


WHOLE = ("map", "sweep")
"""Options whose braces belong to Python, as those of `source` do: what they hold is evaluated on its own."""


def _whole(text: Text) -> str:
    return "".join(part if isinstance(part, str) else f"{{{part.text}}}" for part in text)


def _plain(text: Text) -> str:
    return "".join(part for part in text if isinstance(part, str))


def _filled(key: str, text: Text, evaluate: Evaluate | None) -> Any:
    """Return a text with its expressions replaced by their values; one expression alone is its value."""
    values: list[object] = []
    for part in text:
        if isinstance(part, str):
            values.append(part)
            continue
        if evaluate is None:
            raise UsageError(
                f"%%step {key}={{{part.text}}} can't be evaluated here, without a kernel. Give a plain value."
            )
        try:
            values.append(evaluate(part.text))
        except Exception as error:
            raise UsageError(f"%%step {key}={{{part.text}}}: {type(error).__name__}: {error}.") from error
    return values[0] if len(values) == 1 else "".join(map(str, values))


# Words


def words(line: str) -> list[tuple[str | None, Text, str]]:
    """Cut a line into words: the key (None for a bare word), what follows, and the word as written."""
    found: list[tuple[str | None, Text, str]] = []
    position = 0
    while True:
        while position < len(line) and line[position].isspace():
            position += 1
        if position >= len(line):
            return found
        start = position
        match = _KEY.match(line, position)
        if match is not None:
            position = match.end()
        text, position = _word(line, position)
        found.append((match.group(1) if match else None, text, line[start:position]))


def _word(line: str, position: int) -> tuple[Text, int]:
    """Read one word; return it, and where it ends."""
    parts: list[str | Expression] = []
    plain: list[str] = []
    quote = ""
    quoted = False

    def flush() -> None:
        if plain:
            parts.append("".join(plain))
            plain.clear()

    while position < len(line):
        character = line[position]
        if quote != "'" and character in "{}" and line[position + 1 : position + 2] == character:
            plain.append(character)
            position += 2
        elif quote != "'" and character == "{":
            flush()
            text, position = _braced(line, position)
            parts.append(Expression(text))
        elif character == quote:
            quote = ""
            position += 1
        elif not quote and character in "'\"":
            quote, quoted = character, True
            position += 1
        elif not quote and character.isspace():
            break
        elif (
            quote != "'" and character == "\\" and line[position + 1 : position + 2] in ('"', "\\", "{", "}", "'", " ")
        ):
            plain.append(line[position + 1])
            position += 2
        else:
            plain.append(character)
            position += 1
    if quote:
        raise UsageError(f"%%step: a quote ({quote}) is not closed. Close it.")
    flush()
    return tuple(parts) if parts or not quoted else ("",), position


def _braced(line: str, start: int) -> tuple[str, int]:
    """Return the expression that begins at a brace, and where the word goes on: at the first brace that closes it."""
    for end in (match.end() for match in re.finditer("}", line[start:])):
        text = line[start + 1 : start + end - 1].strip()
        try:
            parse_expression(f"({text})" if text else "")
        except BROKEN:
            continue
        return text, start + end
    raise UsageError(f"%%step: `{line[start:]}` is not an expression in braces. Close it, or write {{{{ for a brace.")
