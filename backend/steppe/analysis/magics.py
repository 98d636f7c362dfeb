"""Magics inside a cell that IPython has transformed: which they are, what they do, which names they use.

`%time f(x)` becomes `get_ipython().run_line_magic('time', 'f(x)')`: that shape, and its siblings, are recognised here.
"""

from __future__ import annotations

import ast
import re
import string
from dataclasses import dataclass

from steppe.analysis import transform
from steppe.analysis.conduct import MAGICS, UNBOUNDED, Conduct, Rule, Way
from steppe.analysis.tree import BROKEN, parse, parse_expression, text_of, walk

SHELL_METHODS = {"run_line_magic": 2, "run_cell_magic": 3, "magic": 1, "system": 1, "getoutput": 1, "show_usage": 0}
"""Methods of `get_ipython()` that IPython's transforms call, and how many texts they take."""

_NAME = re.compile(r"[^\W\d]\w*")
_DOLLAR = re.compile(r"(?<!\$)\$([^\W\d]\w*)")
_SCRIPT_OUTPUT = re.compile(r"--(?:out|err|proc)[=\s]\s*([^\W\d]\w*)")
_SHELL_CAPTURE = re.compile(r"(?:-\w+\s+)*([^\W\d]\w*)\s*=")


@dataclass(frozen=True, slots=True)
class Code:
    """Python code inside a magic, and how the magic runs it."""

    tree: ast.Module
    way: Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Magic:
    """One magic in a cell.

    Attributes:
        name: without `%`; `!` for a command of the system.
        line: the rest of its line, as written.
        body: the lines under a cell magic; None for a line magic.
        conduct: what it does, by the published table.
        known: whether it is in that table.
        timed: whether what it shows or returns is a time that it measures.
        reads: names that its line uses.
        binds: names that it binds.
        deletes: names that it may unbind.
        reads_any: whether it may read any name.
        binds_any: whether it may bind any name.
        codes: the code inside it, in the order in which it runs.
        lineno: its line in the cell, from 1.
    """

    name: str
    line: str = ""
    body: str | None = None
    conduct: Conduct = Conduct.UNBOUNDED
    known: bool = True
    timed: bool = False
    reads: frozenset[str] = frozenset()
    binds: frozenset[str] = frozenset()
    deletes: frozenset[str] = frozenset()
    reads_any: bool = False
    binds_any: bool = False
    codes: tuple[Code, ...] = ()
    lineno: int = 0

    @property
    def title(self) -> str:
        """The magic as it is written in a cell."""
        if self.name == "!":
            return "!"
        return f"%{self.name}" if self.body is None else f"%%{self.name}"


def recognise(call: ast.Call, method: str) -> Magic | None:
    """Return the magic that a call of a method of `get_ipython()` is, or None where it is another method.

    A call with anything but plain texts is a magic that may do anything.
    """
    wanted = SHELL_METHODS.get(method)
    if wanted is None:
        return None
    texts = [text for argument in call.args if (text := text_of(argument)) is not None]
    if len(texts) != len(call.args) or len(texts) != wanted or call.keywords:
        return Magic(name=method, known=False, reads_any=True, binds_any=True, lineno=call.lineno)
    return magic_of(method, texts, call.lineno)


def magic_of(method: str, texts: list[str], lineno: int = 0) -> Magic:
    """Return the magic that `get_ipython().method(*texts)` runs."""
    if method == "show_usage":
        return Magic(name="quickref", conduct=Conduct.HARMLESS, lineno=lineno)
    if method in ("system", "getoutput"):
        command = texts[0]
        return Magic(name="!", line=command, conduct=Conduct.PROCESS, reads=expanded(command), lineno=lineno)
    if method == "magic":
        name, _, line = texts[0].lstrip("%").partition(" ")
        texts = [name, line]
    name, line = texts[0], texts[1]
    body = texts[2] if len(texts) > 2 else None
    rule = MAGICS.get(name)
    return _by_rule(name, line, body, rule, lineno)


def _by_rule(name: str, line: str, body: str | None, rule: Rule | None, lineno: int) -> Magic:
    """Fill in what the table says of a magic."""
    known, rule = rule is not None, rule or UNBOUNDED
    reads = expanded(line) if rule.expands else frozenset()
    if rule.shows_name:
        reads |= frozenset(_NAME.findall(line)[:1])
    conduct = rule.conduct
    if name in ("env", "set_env") and not re.search(r"[=\s]", line.strip()):
        conduct = Conduct.HARMLESS
    if name == "config" and "=" in line:
        reads |= _config_reads(line)
    binds, deletes = _bound_by(name, line, body)
    unbounded = conduct is Conduct.UNBOUNDED
    return Magic(
        name=name,
        line=line,
        body=body,
        conduct=conduct,
        known=known,
        timed=rule.timed,
        reads=reads,
        binds=binds,
        deletes=deletes,
        reads_any=unbounded,
        binds_any=unbounded and not rule.reads_only,
        codes=_codes(name, line, body, rule) if rule.way is not None else (),
        lineno=lineno,
    )


def _bound_by(name: str, line: str, body: str | None) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names that a magic's options bind, and those that they may unbind."""
    if name == "capture":
        words = frozenset(word for word in line.split() if not word.startswith("-"))
        silent = transform.ends_silent(body or "")
        return (frozenset(), words) if silent else (words, frozenset())
    if name == "timeit":
        return frozenset(re.findall(r"(?:^|\s)-v\s*([^\W\d]\w*)", line)[:1]), frozenset()
    if name == "sc":
        return frozenset(_SHELL_CAPTURE.findall(line)[:1]), frozenset()
    if body is not None and MAGICS.get(name, UNBOUNDED).conduct is Conduct.PROCESS:
        return frozenset(_SCRIPT_OUTPUT.findall(line)), frozenset()
    return frozenset(), frozenset()


def _config_reads(line: str) -> frozenset[str]:
    """Return the names in the value of `%config Class.trait = value`, which is evaluated."""
    return _free_names(line.partition("=")[2].strip())


def _codes(name: str, line: str, body: str | None, rule: Rule) -> tuple[Code, ...]:
    """Return the code inside a transparent magic, in the order in which it runs."""
    assert rule.way is not None
    if name == "capture":
        statement = ""
    elif name == "time":
        statement = re.sub(r"^\s*--no-raise-error\b", "", line)
    else:
        statement = _without_flags(line, rule.flags)
    way = Way.GUARDED if name == "time" and statement != line else rule.way
    if name == "timeit" and body is not None:  # set-up and body are parts of one function
        return tuple(_code(f"{transform.to_python(statement)}\n{transform.to_python(body)}", way, python=True))
    found = [code for text in (statement, body or "") if text.strip() for code in _code(text, way)]
    return tuple(found)


def _code(text: str, way: Way, *, python: bool = False) -> list[Code]:
    """Parse code inside a magic; a cell that IPython will refuse has none."""
    try:
        return [Code(parse(text if python else transform.to_python(text)), way)]
    except BROKEN:
        return []


def _without_flags(line: str, flags: str) -> str:
    """Return what stands after a magic's options of one letter, as getopt reads them."""
    rest = line.strip()
    while match := re.match(r"-(?!-)([A-Za-z]+)(\S*)\s*", rest):
        letters, position = match.group(1), 0
        while position < len(letters) and letters[position] in flags.replace(":", ""):
            if f"{letters[position]}:" in flags:
                position += 1
                attached = letters[position:] + match.group(2)
                rest = rest[match.end() :]
                if not attached:
                    rest = rest.partition(" ")[2].lstrip()
                break
            position += 1
        else:
            if position < len(letters) or match.group(2):
                return rest
            rest = rest[match.end() :]
    return rest


def expanded(line: str) -> frozenset[str]:
    """Return the names in a line whose `{expression}` and `$name` IPython replaces by values."""
    if "{" not in line and "$" not in line:
        return frozenset()
    names: set[str] = set()
    try:
        for literal, field, spec, _ in string.Formatter().parse(line):
            names.update(_DOLLAR.findall(literal))
            if field:
                names |= _free_names(f"{field}:{spec}" if spec else field)
    except ValueError:  # braces that do not match: IPython leaves the whole line as it is
        return frozenset()
    return frozenset(names)


def _free_names(expression: str) -> frozenset[str]:
    """Return the names in an expression; none where it is not valid, and will not be evaluated."""
    try:
        tree = parse_expression(expression)
    except BROKEN:
        return frozenset()
    return frozenset(node.id for node in walk(tree) if isinstance(node, ast.Name))
