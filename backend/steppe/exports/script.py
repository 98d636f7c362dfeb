"""A notebook as a plain Python module: a function for each step, and one pipeline that calls them in order."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
import sys
from pathlib import Path
from typing import Any

from steppe.analysis.imports import bound_by
from steppe.analysis.loop_cells import gathered, loops
from steppe.analysis.tree import dotted, walk
from steppe.errors import UsageError
from steppe.exports.parts import Part, parts_of
from steppe.exports.scope import Flow, Scope
from steppe.exports.signature import Signature
from steppe.exports.standing import Standing
from steppe.exports.units import Unit, indented, shown
from steppe.notebooks.marks import Steps
from steppe.notebooks.source import read

OF_CELLS = frozenset({"gather", "inputs", "map", "outputs", "setup", "sweep", "wait"})
"""Options that only a cell has: what they say is written out."""

PLOTS = frozenset({"matplotlib", "seaborn"})

STILL = frozenset(sys.stdlib_module_names) | {
    "numpy",
    "pandas",
    "plotly",
    "polars",
    "pyarrow",
    "scipy",
    "sklearn",
    "steppe",
}
"""Modules of which nothing draws with matplotlib but what has a name that says so."""

DRAWS = re.compile("plot|hist|draw|show|fig|display|scatter|heatmap|from_predictions|from_estimator", re.IGNORECASE)

TAIL = """
if __name__ == "__main__":
{body}
"""

PUBLISH = '''
def {publish}(**values):
    """Set variables that functions of this module read."""
    globals().update(values)
'''

SHOW = '''def {show}(value):
    """Show a value, as a notebook does with that of a cell's last line."""
    if value is not None:
        print(repr(value))
'''


class Script:
    """Writes one module."""

    def __init__(self, source_name: str, parts: list[Part]) -> None:
        """Look through a notebook's cells.

        Raises:
            UsageError: one of them has what no module can do.
        """
        self._stem = source_name
        self._parameters = Signature([part for part in parts if part.parameters])
        self._standing = Standing(parts)
        self._scope = Scope(parts, self._standing)
        self._parameters.check(self._scope)
        self._taken = {*dir(builtins), *keyword.kwlist, "self"} | self._standing.names
        for flow in self._scope.flows:
            names = flow.part.cell.names
            self._taken |= names.reads | names.binds | names.mentions
        self._taken |= {node.id for part in parts for node in ast.walk(part.cell.tree) if isinstance(node, ast.Name)}
        self._own = {each: self._free(each) for each in ("show", "suppress", "found", "publish")}
        self._own["pipeline"] = self._free("pipeline")
        self._used: set[str] = set()
        self._functions: list[str] = []
        self._async = any(flow.part.cell.names.awaits for flow in self._scope.flows)
        roots = {made.module.partition(".")[0] for part in parts for made in part.cell.names.imports}
        self._plots = bool(roots & PLOTS)
        made = [each for part in parts for each in part.cell.names.imports]
        plots = [name for name, what in bound_by(made).items() if what in ("matplotlib.pyplot:", "matplotlib:pyplot")]
        at_top = [name for name in plots if name in self._standing.names]
        self._pyplot = at_top[0] if at_top else self._free("pyplot")
        self._drawing = {
            name
            for name, what in bound_by(made).items()
            if what.lstrip(".").partition(":")[0].partition(".")[0] not in STILL
        }

    def text(self) -> str:
        """Return the module."""
        body = self._pipeline()
        pieces = [self._top(), *self._functions, body, self._tail()]
        return "\n\n\n".join(piece.strip("\n") for piece in pieces) + "\n"

    def _free(self, name: str) -> str:
        """Return a name that the notebook does not use, near to the one that is wanted."""
        found = name
        number = 2
        while found in self._taken:
            found = f"{name}_{number}"
            number += 1
        self._taken.add(found)
        return found

    # The module's top.

    def _top(self) -> str:
        futures = [text for text in self._standing.imports if _is_future(text)]
        imports = [text for text in self._standing.imports if not _is_future(text)]
        lines = [f'"""The pipeline of {self._stem}.ipynb, by `steppe export script`."""', "", *futures]
        ours = []
        if "suppress" in self._used:
            ours.append(_from("contextlib", "suppress", self._own["suppress"]))
        if not any(re.fullmatch(r"import steppe", text.splitlines()[-1]) for text in imports):
            imports.append("import steppe")
        if "steppe" in self._scope.globals or (self._taken_as_other("steppe")):
            raise UsageError("the notebook has a variable `steppe`, which the module needs for the library: rename it.")
        bound = {name for flow in self._scope.flows for name in flow.binds} | self._standing.names
        if "display" not in bound and any("display" in part.cell.names.reads for part in self._parts):
            ours.append("from IPython.display import display")
        if self._plots and self._pyplot not in self._standing.names:
            ours.append(f"import matplotlib.pyplot as {self._pyplot}")
        lines += ["", *ours, *imports, ""]
        if self._plots:
            chosen = self._free("matplotlib") if "matplotlib" not in self._standing.names else "matplotlib"
            if chosen != "matplotlib" or "import matplotlib" not in imports:
                lines.append("import matplotlib" if chosen == "matplotlib" else f"import matplotlib as {chosen}")
            lines += ["", f'{chosen}.use("module://matplotlib_inline.backend_inline")  # figures as in a notebook', ""]
        text = "\n".join(lines).replace("\n\n\n", "\n\n").strip("\n")
        tools = [SHOW.format(show=self._own["show"])] if "show" in self._used else []
        tools += [unit.text for unit in self._standing.definitions]
        return "\n\n\n".join([text, *(each.strip("\n") for each in tools)])

    @property
    def _parts(self) -> list[Part]:
        return [flow.part for flow in self._scope.flows]

    def _taken_as_other(self, name: str) -> bool:
        return any(name in flow.binds for flow in self._scope.flows)

    # Steps.

    def _step(self, flow: Flow) -> str:
        """Write a step's function, and return the lines of the pipeline that call it."""
        part = flow.part
        looped = loops(part.options)
        first = next(iter(flow.returns), "") or f"step_{part.number}"
        wanted = re.sub(r"\W+", "_", part.name or first).strip("_") or first
        if not wanted.isidentifier() or keyword.iskeyword(wanted):
            wanted = f"step_{wanted}"
        function = self._free(wanted) if wanted not in self._taken else self._free(f"{wanted}_step")
        head = self._decorator(part, function)
        targets = [name for loop in looped for name in loop.names]
        arguments = [name for name in flow.arguments if name not in targets]
        gathering = gathered(part.cell, part.options) if looped else ()
        parameters = list(arguments)
        lines: list[str] = []
        if looped:
            element = (
                targets[0] if targets == [looped[0].target.strip()] and len(looped) == 1 else self._free("element")
            )
            parameters = [element, *(["*", *arguments] if arguments else [])]
            if element not in targets:
                lines.append(f"{', '.join(loop.target for loop in looped)} = {element}")
            returns = [each.name for each in gathering]
        else:
            returns = flow.returns
        if flow.own:
            lines.append(f"global {', '.join(sorted(flow.own))}")
        lines += self._body(flow, show=not looped)
        sign = "async def" if part.cell.names.awaits else "def"
        lines += self._leave(flow, returns, looped=bool(looped))
        made = [head, f"{sign} {function}({', '.join(parameters)}):", *(indented(line) for line in lines)]
        self._functions.append("\n".join(["", *made, ""]))
        if looped:
            return self._fan(flow, function, arguments, list(gathering))
        given = f"{function}({', '.join(arguments)})"
        call = f"await {given}" if part.cell.names.awaits else given
        return self._taken_back(flow, call)

    def _leave(self, flow: Flow, returns: list[str], *, looped: bool) -> list[str]:
        if looped or not (flow.perhaps or flow.deletes):
            if not returns:
                return []
            return [f"return {returns[0]}" if len(returns) == 1 else f"return {', '.join(returns)}"]
        found = self._own["found"]
        self._used.add("suppress")
        lines = [f"{found} = {{{', '.join(f'{name!r}: {name}' for name in returns)}}}".replace("'", '"')]
        lines += [self._if_bound(name) for name in [*flow.perhaps, *flow.deletes]]
        return [*lines, f"return {found}"]

    def _if_bound(self, name: str) -> str:
        suppress, found = self._own["suppress"], self._own["found"]
        return f'with {suppress}(NameError):  # it may be unbound\n    {found}["{name}"] = {name}'

    def _taken_back(self, flow: Flow, call: str) -> str:
        """Write what binds a step's values in the pipeline."""
        if not (flow.perhaps or flow.deletes):
            return f"{', '.join(flow.returns)} = {call}" if flow.returns else call
        found = self._own["found"]
        lines = [f"{found} = {call}"]
        lines += [f'{name} = {found}["{name}"]' for name in flow.returns]
        for name in flow.perhaps:
            lines.append(f'if "{name}" in {found}:\n    {name} = {found}["{name}"]')
        for name in flow.deletes:
            lines.append(f'if "{name}" in {found}:\n    {name} = {found}["{name}"]\nelse:\n    del {name}')
        return "\n".join(lines)

    def _fan(self, flow: Flow, function: str, arguments: list[str], gathering: list[Any]) -> str:
        """Write a fan-out: the call for each element, and what is gathered of it."""
        looped = loops(flow.part.options)
        target = ", ".join(loop.target for loop in looped)
        target = f"({target})" if len(looped) > 1 or "," in target else target
        over = " ".join(f"for {loop.target} in {loop.iterable}" for loop in looped)
        given = ", ".join([f"[{target} {over}]", *(f"{name}={name}" for name in arguments)])
        call = f"{function}.map({given})"
        if any(each.how == "frame" for each in gathering):
            raise flow.part.refused(
                "gathers frames, which `.map()` does not: gather a list, and put it together in a cell"
            )
        if not gathering:
            return call
        if len(gathering) == 1:
            return f"{gathering[0].name} = {call}"
        found = self._own["found"]
        lines = [f"{found} = {call}"]
        lines += [f"{each.name} = [each[{number}] for each in {found}]" for number, each in enumerate(gathering)]
        return "\n".join(lines)

    def _decorator(self, part: Part, function: str) -> str:
        from steppe.functions.options import Told

        options: dict[str, Any] = {}
        if part.name and part.name != function:
            options["name"] = part.name
        options |= {name: _value(value) for name, value in part.given.items() if name not in OF_CELLS}
        source = options.pop("source", None)
        if source is not None and (names := _names(str(source)) & self._standing.data):
            raise part.refused(f"has a `source=` that reads `{min(names)}`: name imports and functions alone in it")
        try:
            Told("step", dict(options.items()))
        except UsageError as error:
            raise part.refused(f"has an option that a function can't have: {error}") from None
        written = [f"{name}={value!r}".replace("'", '"') for name, value in options.items()]
        if source is not None:
            written.append(f"source=lambda: {source}")
        return f"@steppe.step({', '.join(written)})" if written else "@steppe.step"

    # Code.

    def _body(self, flow: Flow, *, show: bool = True) -> list[str]:
        """Return a cell's statements, with what its last line shows, and the figures that it leaves."""
        lines = []
        last = flow.part.units[-1] if flow.part.units else None
        for unit in flow.units:
            if unit is last and show and isinstance(unit.node, ast.Expr) and not flow.part.cell.silent:
                lines.append(self._shown(unit))
            else:
                lines.append(unit.text.strip("\n"))
        if self._plots and lines and self._draws(flow) and not lines[-1].rstrip(";").endswith("plt.show()"):
            lines.append(f"{self._pyplot}.show()")  # what a notebook does at a cell's end
        return lines

    def _shown(self, unit: Unit) -> str:
        assert isinstance(unit.node, ast.Expr)
        value = unit.node.value
        called = (dotted(value.func) or ("",))[-1] if isinstance(value, ast.Call) else ""
        if called in ("print", "display", "show") or (isinstance(value, ast.Constant) and value.value is None):
            return unit.text.strip("\n")
        self._used.add("show")
        return shown(unit, self._own["show"]).strip("\n")

    def _draws(self, flow: Flow) -> bool:
        """Tell whether a cell, or a function that it names, calls what may draw."""
        nodes = [unit.node for unit in flow.units]
        nodes += [
            unit.node for unit in self._standing.definitions if unit.defines in self._standing.closed(flow.names.reads)
        ]
        for top in nodes:
            for node in walk(top):
                word = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
                if word in self._drawing or DRAWS.search(word):
                    return True
        return False

    # The pipeline.

    def _pipeline(self) -> str:
        body: list[str] = []
        for flow in self._scope.flows:
            if flow.part.parameters:
                body += self._parameters.body(flow, self._own["publish"], self._scope.globals)
                continue
            body += [unit.text.strip("\n") for unit in flow.before]
            if flow.is_step:
                body.append(self._step(flow))
            else:
                body += self._body(flow)
        published = self._parameters.published(self._scope.globals)
        own = self._scope.globals - published - self._standing.names
        bound = {name for flow in self._scope.flows for name in {*flow.binds, *flow.names.deletes, *flow.deletes}}
        bound |= self._scope.tools
        stated = sorted(own & bound)
        head = [f"global {', '.join(stated)}"] if stated else []
        lines = [*head, *body, *self._values()]
        sign = "async def" if self._async else "def"
        name = self._own["pipeline"]
        made = [f"@steppe.pipeline(name={self._stem!r})".replace("'", '"')]
        made += [f"{sign} {name}({self._parameters.text}):", *(indented(line) for line in lines)]
        found = "\n".join(["", *made])
        if published:
            found = f"{PUBLISH.format(publish=self._own['publish'])}\n\n{found}"
        return found

    def _values(self) -> list[str]:
        """Return what gives the pipeline's variables back, by name."""
        found = self._own["found"]
        plain = [f'"{name}": {name}' for name in self._scope.final]
        table = "{" + ", ".join(plain) + "}"
        if len(table) > 100:
            table = "{\n" + "".join(f"    {each},\n" for each in plain) + "}"
        if not self._scope.perhaps:
            return [f"return {table}"]
        self._used.add("suppress")
        lines = [f"{found} = {table}"]
        lines += [self._if_bound(name) for name in self._scope.perhaps]
        return [*lines, f"return {found}"]

    def _tail(self) -> str:
        call = f"{self._own['pipeline']}({self._parameters.call})"
        values = self._free("values")
        lines = self._parameters.reader(self._stem)
        if self._async:
            lines += ["import asyncio", "", f"{values} = asyncio.run({call})"]
        else:
            lines.append(f"{values} = {call}")
        return TAIL.format(body="\n".join(indented(line) for line in lines))


def script_of(notebook: Path, steps: Steps = Steps.TAGGED) -> str:
    """Return a notebook as a module of steps and one pipeline, which runs to the same values.

    Raises:
        UsageError: a cell has what a module can't do in the same way; it is named.
    """
    source = read(notebook)
    parts = parts_of(source, steps)
    if not any(part.units for part in parts):
        raise UsageError(f"{notebook} has no code: there is nothing to export.")
    text = Script(notebook.stem, parts).text()
    try:
        compile(text, str(notebook.with_suffix(".py")), "exec", dont_inherit=True)
    except SyntaxError as error:
        raise UsageError(
            f"{notebook} can't be exported: its code is no valid Python inside of functions ({error.msg}, in "
            f"`{(error.text or '').strip()}`)."
        ) from None
    return text


def _is_future(text: str) -> bool:
    return "from __future__" in text


def _from(module: str, name: str, called: str) -> str:
    return f"from {module} import {name}" + (f" as {called}" if called != name else "")


def _names(expression: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(expression.strip(), mode="eval")) if isinstance(node, ast.Name)}


def _value(value: Any) -> Any:
    """Return an option's value as a person would write it in Python: numbers and truth are no texts."""
    if not isinstance(value, str):
        return value
    if value.lower() in ("true", "false"):
        return value.lower() == "true"
    try:
        found = ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return value
    return found if isinstance(found, int | float) else value
