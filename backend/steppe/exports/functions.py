"""Steps of a notebook as functions of a module, and the lines of its pipeline that call them."""

from __future__ import annotations

import ast
import keyword
import re
from typing import Any

from steppe.analysis.loop_cells import gathered, loops
from steppe.errors import UsageError
from steppe.exports.body import Body
from steppe.exports.free_names import FreeNames
from steppe.exports.parts import Part
from steppe.exports.scope import Flow
from steppe.exports.standing import Standing
from steppe.exports.units import indented

OF_CELLS = frozenset({"gather", "inputs", "map", "outputs", "setup", "sweep", "wait"})
"""Options that only a cell has: what they say is written out."""


class Functions:
    """Writes the functions of steps.

    Attributes:
        texts: what was written, in order.
    """

    def __init__(self, code: Body, standing: Standing, names: FreeNames) -> None:
        self.texts: list[str] = []
        self._code = code
        self._standing = standing
        self._names = names

    def write(self, flow: Flow) -> str:
        """Write a step's function, and return the lines of the pipeline that call it."""
        part = flow.part
        looped = loops(part.options)
        first = next(iter(flow.returns), "") or f"step_{part.number}"
        wanted = re.sub(r"\W+", "_", part.name or first).strip("_") or first
        if not wanted.isidentifier() or keyword.iskeyword(wanted):
            wanted = f"step_{wanted}"
        function = self._names.free(wanted) if not self._names.is_taken(wanted) else self._names.free(f"{wanted}_step")
        head = self._decorator(part, function)
        targets = [name for loop in looped for name in loop.names]
        arguments = [name for name in flow.arguments if name not in targets]
        gathering = gathered(part.cell, part.options) if looped else ()
        parameters = list(arguments)
        lines: list[str] = []
        if looped:
            element = (
                targets[0]
                if targets == [looped[0].target.strip()] and len(looped) == 1
                else self._names.free("element")
            )
            parameters = [element, *(["*", *arguments] if arguments else [])]
            if element not in targets:
                lines.append(f"{', '.join(loop.target for loop in looped)} = {element}")
            returns = [each.name for each in gathering]
        else:
            returns = flow.returns
        if flow.own:
            lines.append(f"global {', '.join(sorted(flow.own))}")
        lines += self._code.statements(flow, show=not looped)
        sign = "async def" if part.cell.names.awaits else "def"
        lines += self._leave(flow, returns, looped=bool(looped))
        made = [head, f"{sign} {function}({', '.join(parameters)}):", *(indented(line) for line in lines)]
        self.texts.append("\n".join(["", *made, ""]))
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
        found = self._names.tool("found")
        lines = [f"{found} = {{{', '.join(f'{name!r}: {name}' for name in returns)}}}".replace("'", '"')]
        lines += [self._names.if_bound(name) for name in [*flow.perhaps, *flow.deletes]]
        return [*lines, f"return {found}"]

    def _taken_back(self, flow: Flow, call: str) -> str:
        """Write what binds a step's values in the pipeline."""
        if not (flow.perhaps or flow.deletes):
            return f"{', '.join(flow.returns)} = {call}" if flow.returns else call
        found = self._names.tool("found")
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
        found = self._names.tool("found")
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
