"""A cell's statements with the text that they stand in, comments included; text moved to another indentation."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Iterator

from steppe.analysis.names import Names, names_of
from steppe.analysis.tree import walk

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
IMPORTS = (ast.Import, ast.ImportFrom)


class Unit:
    """One statement at the top level of a cell.

    Attributes:
        node: the statement.
        text: its lines, with the comments above it.
    """

    def __init__(self, node: ast.stmt, text: str) -> None:
        self.node = node
        self.text = text
        self.names: Names = names_of(ast.Module([node], []))

    @property
    def imports(self) -> bool:
        """Whether it is an import."""
        return isinstance(self.node, IMPORTS)

    @property
    def defines(self) -> str:
        """The name of the function or class that it defines; empty where it is neither."""
        return self.node.name if isinstance(self.node, DEFINITIONS) else ""


def units_of(source: str, tree: ast.Module) -> list[Unit]:
    """Return a cell's statements; those that share a line are written anew, each on its own."""
    lines = source.splitlines()
    groups: list[tuple[list[ast.stmt], int]] = []
    end = 0
    for node in tree.body:
        begin = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
        last = node.end_lineno or node.lineno
        if groups and begin <= groups[-1][1]:
            groups[-1][0].append(node)
            groups[-1] = groups[-1][0], max(last, groups[-1][1])
        else:
            groups.append(([node], last))
    found = []
    for nodes, last in groups:
        if len(nodes) == 1:
            found.append(Unit(nodes[0], "\n".join(lines[end:last]).strip("\n")))
        else:
            found += [Unit(node, ast.unparse(node)) for node in nodes]
        end = last
    rest = "\n".join(lines[end:]).strip("\n")
    if rest.strip() and found:
        found[-1].text += f"\n{rest}"
    return found


def indented(text: str, by: str = "    ") -> str:
    """Return statements moved to the right; the lines inside of a text that spans several stay as they are."""
    inside = _inside_texts(text)
    return "\n".join(
        line if number in inside or not line.strip() else by + line
        for number, line in enumerate(text.splitlines(), start=1)
    )


def _inside_texts(text: str) -> set[int]:
    found: set[int] = set()
    for node in walk(ast.parse(text)):
        if isinstance(node, ast.JoinedStr | ast.Constant) and node.end_lineno and node.end_lineno > node.lineno:
            found.update(range(node.lineno + 1, node.end_lineno + 1))
    return found


def shown(unit: Unit, show: str) -> str:
    """Return an expression's text with its value given to a function that shows it."""
    assert isinstance(unit.node, ast.Expr)
    value = unit.node.value
    tree = ast.parse(unit.text)
    last = tree.body[-1]
    assert isinstance(last, ast.Expr)
    lines = unit.text.splitlines()
    segment = ast.get_source_segment(unit.text, last.value) or ast.unparse(value)
    if isinstance(value, ast.Tuple):
        segment = f"({segment})"
    above = "\n".join(lines[: last.lineno - 1])
    below = "\n".join(lines[(last.end_lineno or last.lineno) :])
    comment = _comment_after(lines[(last.end_lineno or last.lineno) - 1])
    return "\n".join(part for part in (above, f"{show}({segment}){comment}", below) if part)


def _comment_after(line: str) -> str:
    import io
    import tokenize

    try:
        for token in tokenize.generate_tokens(io.StringIO(line).readline):
            if token.type == tokenize.COMMENT:
                return f"  {token.string}"
    except (tokenize.TokenError, SyntaxError, IndentationError):
        pass
    return ""


def late(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield what may run later than the statements that hold it: functions, classes, lambdas, generators."""
    for top in nodes:
        for node in walk(top):
            if isinstance(node, (*DEFINITIONS, ast.Lambda, ast.GeneratorExp)):
                yield node


def at_once(node: ast.stmt) -> frozenset[str]:
    """Return the names that a definition reads where it stands: decorators, defaults, bases, the body of a class."""
    return names_of(ast.Module([_hollow(node)], [])).reads


def _hollow(node: ast.stmt) -> ast.stmt:
    """Return a copy of a definition whose functions do nothing."""
    if isinstance(node, DEFINITIONS):
        made = copy.copy(node)
        made.body = [_hollow(each) for each in node.body] if isinstance(node, ast.ClassDef) else [_nothing(node)]
        return made
    return node


def _nothing(node: ast.stmt) -> ast.stmt:
    return ast.copy_location(ast.Pass(), node)
