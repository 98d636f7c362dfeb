"""A notebook as a plain Python module: a function for each step, and one pipeline that calls them in order."""

from __future__ import annotations

import re
from pathlib import Path

from steppe.errors import UsageError
from steppe.exports.body import Body
from steppe.exports.free_names import FreeNames
from steppe.exports.functions import Functions
from steppe.exports.parts import Part, parts_of
from steppe.exports.scope import Scope
from steppe.exports.signature import Signature
from steppe.exports.standing import Standing
from steppe.exports.units import indented
from steppe.notebooks.marks import Steps
from steppe.notebooks.source import read

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
        self._parts = parts
        self._parameters = Signature([part for part in parts if part.parameters])
        self._standing = Standing(parts)
        self._scope = Scope(parts, self._standing)
        self._parameters.check(self._scope)
        self._check_deletes()
        self._names = FreeNames(self._scope, self._standing)
        self._code = Body(parts, self._standing, self._names)
        self._functions = Functions(self._code, self._standing, self._names)
        self._async = any(flow.part.cell.names.awaits for flow in self._scope.flows)

    def _check_deletes(self) -> None:
        """Refuse a step that lets go of what weak references lead to: an argument lives on in the pipeline."""
        if not any(made.module == "weakref" for part in self._parts for made in part.cell.names.imports):
            return
        for flow in self._scope.flows:
            if flow.is_step and flow.deletes:
                raise flow.part.refused(
                    f"deletes `{min(flow.deletes)}`, and the notebook has weak references: in a module the value would "
                    "live on until the pipeline ends"
                )

    def text(self) -> str:
        """Return the module."""
        body = self._pipeline()
        pieces = [self._top(), *self._functions.texts, body, self._tail()]
        return "\n\n\n".join(piece.strip("\n") for piece in pieces) + "\n"

    def _top(self) -> str:
        futures = [text for text in self._standing.imports if _is_future(text)]
        imports = [text for text in self._standing.imports if not _is_future(text)]
        lines = [f'"""The pipeline of {self._stem}.ipynb, by `steppe export script`."""', "", *futures]
        ours = []
        if "suppress" in self._names.used:
            ours.append(_from("contextlib", "suppress", self._names.tool("suppress")))
        if not any(re.fullmatch(r"import steppe", text.splitlines()[-1]) for text in imports):
            imports.append("import steppe")
        if "steppe" in self._scope.globals or (self._taken_as_other("steppe")):
            raise UsageError("the notebook has a variable `steppe`, which the module needs for the library: rename it.")
        bound = {name for flow in self._scope.flows for name in flow.binds} | self._standing.names
        if "display" not in bound and any("display" in part.cell.names.reads for part in self._parts):
            ours.append("from IPython.display import display")
        if self._code.plots and self._code.pyplot not in self._standing.names:
            ours.append(f"import matplotlib.pyplot as {self._code.pyplot}")
        lines += ["", *ours, *imports, ""]
        if self._code.plots:
            chosen = self._names.free("matplotlib") if "matplotlib" not in self._standing.names else "matplotlib"
            if chosen != "matplotlib" or "import matplotlib" not in imports:
                lines.append("import matplotlib" if chosen == "matplotlib" else f"import matplotlib as {chosen}")
            lines += ["", f'{chosen}.use("module://matplotlib_inline.backend_inline")  # figures as in a notebook', ""]
        text = "\n".join(lines).replace("\n\n\n", "\n\n").strip("\n")
        tools = [SHOW.format(show=self._names.tool("show"))] if "show" in self._names.used else []
        tools += [unit.text for unit in self._standing.definitions]
        return "\n\n\n".join([text, *(each.strip("\n") for each in tools)])

    def _taken_as_other(self, name: str) -> bool:
        return any(name in flow.binds for flow in self._scope.flows)

    def _pipeline(self) -> str:
        body: list[str] = []
        for flow in self._scope.flows:
            if flow.part.parameters:
                body += self._parameters.body(flow, self._names.tool("publish"), self._scope.globals)
                continue
            body += [unit.text.strip("\n") for unit in flow.before]
            if flow.is_step:
                body.append(self._functions.write(flow))
            else:
                body += self._code.statements(flow)
        published = self._parameters.published(self._scope.globals)
        own = self._scope.globals - published - self._standing.names
        bound = {name for flow in self._scope.flows for name in {*flow.binds, *flow.names.deletes, *flow.deletes}}
        bound |= self._scope.tools
        stated = sorted(own & bound)
        head = [f"global {', '.join(stated)}"] if stated else []
        lines = [*head, *body, *self._values()]
        sign = "async def" if self._async else "def"
        name = self._names.tool("pipeline")
        made = [f"@steppe.pipeline(name={self._stem!r})".replace("'", '"')]
        made += [f"{sign} {name}({self._parameters.text}):", *(indented(line) for line in lines)]
        found = "\n".join(["", *made])
        if published:
            found = f"{PUBLISH.format(publish=self._names.tool('publish'))}\n\n{found}"
        return found

    def _values(self) -> list[str]:
        """Return what gives the pipeline's variables back, by name."""
        found = self._names.tool("found")
        plain = [f'"{name}": {name}' for name in self._scope.final]
        table = "{" + ", ".join(plain) + "}"
        if len(table) > 100:
            table = "{\n" + "".join(f"    {each},\n" for each in plain) + "}"
        if not self._scope.perhaps:
            return [f"return {table}"]
        lines = [f"{found} = {table}"]
        lines += [self._names.if_bound(name) for name in self._scope.perhaps]
        return [*lines, f"return {found}"]

    def _tail(self) -> str:
        call = f"{self._names.tool('pipeline')}({self._parameters.call})"
        values = self._names.free("values")
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
