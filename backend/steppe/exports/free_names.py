"""Names that an exported module needs beside the notebook's own: none that the notebook has."""

from __future__ import annotations

import ast
import builtins
import keyword

from steppe.exports.scope import Scope
from steppe.exports.standing import Standing


class FreeNames:
    """Gives names away, each once.

    Attributes:
        used: which of the module's own tools its code needs: `show` and `suppress`.
    """

    def __init__(self, scope: Scope, standing: Standing) -> None:
        """Note the names of a notebook, and choose those of the module's own tools."""
        self._taken = {*dir(builtins), *keyword.kwlist, "self"} | standing.names
        for flow in scope.flows:
            names = flow.part.cell.names
            self._taken |= names.reads | names.binds | names.mentions
            self._taken |= {node.id for node in ast.walk(flow.part.cell.tree) if isinstance(node, ast.Name)}
        self.used: set[str] = set()
        self._tools = {each: self.free(each) for each in ("show", "suppress", "found", "publish", "pipeline")}

    def free(self, name: str) -> str:
        """Return a name that the notebook does not use, near to the one that is wanted."""
        found = name
        number = 2
        while found in self._taken:
            found = f"{name}_{number}"
            number += 1
        self._taken.add(found)
        return found

    def is_taken(self, name: str) -> bool:
        """Tell whether a name is given away, or the notebook's."""
        return name in self._taken

    def tool(self, name: str) -> str:
        """Return what one of the module's own tools is called here."""
        return self._tools[name]

    def if_bound(self, name: str) -> str:
        """Write what notes a variable's value among those found, if it has one."""
        self.used.add("suppress")
        guard = f"with {self.tool('suppress')}(NameError):  # it may be unbound"
        return f'{guard}\n    {self.tool("found")}["{name}"] = {name}'
