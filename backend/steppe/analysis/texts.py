"""Texts that name variables: `df.query("x > @limit")`, `duckdb.sql("SELECT * FROM df")`, `ols("y ~ f(x)", df)`.

The functions that take them look among the variables of whoever calls them, so what such a text names is read. Which
functions do is in one table here. A text that is put together while the cell runs can't be seen through: then either
the names that it is made of are noted, so that their values can be looked into, or any name may be read.
"""

from __future__ import annotations

import ast
import re
from enum import StrEnum

from steppe.analysis.tree import dotted, text_of, walk


class Style(StrEnum):
    """How a text names variables."""

    AT = "at"  # `@limit`
    ALL = "all"  # every word may be one
    WRITTEN = "written"  # every word, of texts that stand in the call alone: what computes them is not asked
    FORMULA = "formula"  # every word, where there is a `~`


READERS: dict[str, Style] = {
    "query": Style.AT,
    "eval": Style.AT,
    "sql": Style.ALL,
    "sqldf": Style.ALL,
    "execute": Style.WRITTEN,
    **dict.fromkeys(("ols", "gls", "wls", "glm", "logit", "probit", "mnlogit", "poisson"), Style.FORMULA),
    **dict.fromkeys(("negativebinomial", "quantreg", "mixedlm", "gee", "phreg", "rlm"), Style.FORMULA),
    **dict.fromkeys(("dmatrix", "dmatrices", "from_formula", "model_matrix"), Style.FORMULA),
}
"""Functions and methods by their last name."""

MODULES: dict[tuple[str, ...], Style] = {
    ("pd", "eval"): Style.ALL,
    ("pandas", "eval"): Style.ALL,
    ("ne", "evaluate"): Style.ALL,
    ("numexpr", "evaluate"): Style.ALL,
}
"""Functions by their whole name, before READERS."""

NAMED = frozenset({"expr", "ex", "query", "sql", "formula", "formula_like", "q"})
"""Parameters that take such a text."""

TRANSPARENT = frozenset(
    {"str", "int", "float", "repr", "round", "len", "tuple", "list", "sorted", "format", "join", "strip"}
)
"""Functions and methods that put no new name into the text that they return."""

_WORD = re.compile(r"[^\W\d]\w*")
_AT = re.compile(r"@\s*([^\W\d]\w*)")


def style_of(call: ast.Call) -> Style | None:
    """Return how the texts given to `call` name variables; None where they don't."""
    func = call.func
    if type(func) is ast.Attribute:
        name = func.attr
    elif type(func) is ast.Name:
        name = func.id
        if name == "eval":  # the builtin: any name may be read
            return None
    else:
        return None
    style = READERS.get(name)
    if (style is None and name != "evaluate") or not (call.args or call.keywords):
        return None
    whole = MODULES.get(dotted(func) or ())
    if style is Style.FORMULA and not _is_formula(call):
        return None
    return whole or style


def _is_formula(call: ast.Call) -> bool:
    """Tell a model's formula from a function of numbers that has the same name."""
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    named = any(keyword.arg in ("formula", "formula_like", "data") for keyword in call.keywords)
    return named or any("~" in (text_of(value) or "") for value in given)


class Texts:
    """What the texts in one cell name.

    Attributes:
        mentions: names that stand in them.
        made_of: names from before the cell whose values are parts of them.
        own: names bound in the cell whose values are parts of them, with the way in which they name variables.
        opaque: the function whose text can't be seen through, or empty.
    """

    __slots__ = ("made_of", "mentions", "opaque", "own")

    def __init__(self) -> None:
        self.mentions: set[str] = set()
        self.made_of: set[str] = set()
        self.own: dict[str, Style] = {}
        self.opaque = ""

    def note(self, call: ast.Call, style: Style, bound: set[str]) -> None:
        """Note what the texts in `call` name; `bound` are the names that the cell may have bound itself."""
        given = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg in NAMED)]
        if style is Style.FORMULA:
            given.extend(arg for arg in call.args[1:] if "~" in (text_of(arg) or ""))
        for value in given:
            if not self._parts(value, style, bound) and style is not Style.WRITTEN:
                func = call.func
                self.opaque = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")

    def mention(self, text: str, style: Style) -> None:
        """Note the names in one text."""
        self.mentions.update((_AT if style is Style.AT else _WORD).findall(text))

    def _parts(self, node: ast.expr, style: Style, bound: set[str]) -> bool:
        """Note the parts of a text; tell whether all of them could be seen through."""
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                self.mention(node.value, style)
            return True
        if isinstance(node, ast.Name):
            if node.id in bound:
                self.own[node.id] = style
            else:
                self.made_of.add(node.id)
            return True
        if isinstance(node, ast.JoinedStr | ast.BinOp | ast.FormattedValue | ast.Tuple | ast.List | ast.IfExp):
            parts = [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]
            seen = [self._parts(part, style, bound) for part in parts]
            return all(seen)
        if isinstance(node, ast.Attribute | ast.Subscript):
            return self._parts(node.value, style, bound)
        if isinstance(node, ast.Call):
            func = node.func
            name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
            inner = [*node.args, *(keyword.value for keyword in node.keywords)]
            if isinstance(func, ast.Attribute):
                inner.append(func.value)
            seen = [self._parts(part, style, bound) for part in inner]
            return name in TRANSPARENT and all(seen)
        return False

    def settle(self, tree: ast.AST) -> None:
        """Look up what the cell itself binds to the names in `own`: only plain texts can be seen through."""
        for name, style in self.own.items():
            texts = _literal_values(tree, name)
            if texts is None:
                self.opaque = self.opaque or name
            for text in texts or ():
                self.mention(text, style)


def _literal_values(tree: ast.AST, name: str) -> list[str] | None:
    """Return the texts that a cell binds to a name, or None where it binds anything else to it."""
    texts: list[str] = []
    bindings = 0
    for node in walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, text = node.targets[0], text_of(node.value)
            if isinstance(target, ast.Name) and target.id == name and text is not None:
                texts.append(text)
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load):
            bindings += 1
        elif name in (getattr(node, "name", None), getattr(node, "arg", None), getattr(node, "asname", None)):
            bindings += not isinstance(node, ast.keyword)
    return texts if bindings == len(texts) else None
