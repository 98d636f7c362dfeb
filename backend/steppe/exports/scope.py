"""Which variables of a notebook are arguments and values of its steps, and which have to be the module's own."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from steppe.analysis.loop_cells import gathered
from steppe.analysis.names import Names, names_inside, names_of
from steppe.analysis.tree import walk
from steppe.exports.parts import HISTORY, Part
from steppe.exports.standing import BUILTIN, Standing, acts, inline_tools
from steppe.exports.units import Unit, late


@dataclass
class Flow:
    """What one cell takes and leaves, in the module.

    Attributes:
        part: the cell.
        units: its statements that stay where they are.
        before: imports of a step's cell, which the pipeline makes before the call.
        names: what these statements read and bind.
        arguments: of a step: the names of its parameters.
        returns: of a step: what it surely binds.
        perhaps: of a step: what it may bind.
        deletes: of a step: what it may unbind, of what was there.
        own: of a step: variables of the module that it sets itself.
    """

    part: Part
    units: list[Unit]
    before: list[Unit]
    names: Names
    arguments: list[str] = field(default_factory=list)
    returns: list[str] = field(default_factory=list)
    perhaps: list[str] = field(default_factory=list)
    deletes: list[str] = field(default_factory=list)
    own: set[str] = field(default_factory=set)

    @property
    def is_step(self) -> bool:
        """Whether it becomes a step: what it does is more than to set something up."""
        return self.part.is_step and not self.part.options.setup and bool(self.units)

    @property
    def binds(self) -> set[str]:
        """What it may bind."""
        return set(self.names.binds)


class Scope:
    """The variables of a pipeline.

    Attributes:
        flows: its cells, in order.
        globals: variables of the module, which its functions read; all others are the pipeline's own.
        final: what is surely bound at the end, and worth returning.
        perhaps: what may be bound at the end.
    """

    def __init__(self, parts: list[Part], standing: Standing) -> None:
        """Follow the variables from cell to cell.

        Raises:
            UsageError: a cell does what no function can do.
        """
        self._standing = standing
        self.flows = [_flow(part, standing) for part in parts]
        self._check()
        reached = [name for reads in standing.reached.values() for name in reads]
        tools = {name for flow in self.flows for name in inline_tools(flow.units + flow.before)}
        data = {name for flow in self.flows for name in flow.binds | set(flow.names.deletes)}
        nodes = [unit.node for flow in self.flows for unit in flow.units]
        nodes += [unit.node for unit in standing.definitions]
        declared = self._declared = {name for node in nodes for name in _declared(node)}
        self.tools = tools
        self.globals = (data | tools | declared) & ({*reached} | BUILTIN | tools | declared)
        for index, flow in enumerate(self.flows):
            self._kept_by_functions(index, flow)
        self._follow()

    def _check(self) -> None:
        known = {name for flow in self.flows for name in flow.binds} | self._standing.names
        for flow in self.flows:
            for name in sorted((flow.names.reads | flow.names.deletes) - known):
                if HISTORY.fullmatch(name):
                    raise flow.part.refused(f"reads `{name}`, which only a notebook has: give the value a name")
            if flow.names.star_imports:
                raise flow.part.refused("has `import *` inside of other code: name what is used")
            if flow.is_step and flow.part.cell.names.awaits and flow.part.options.map is not None:
                raise flow.part.refused("awaits in the body of a fan-out: await in a function")
            if flow.part.cell.names.awaits and any(
                isinstance(node, ast.Attribute) and node.attr in ("create_task", "ensure_future")
                for node in walk(flow.part.cell.tree)
            ):
                raise flow.part.refused("begins a task that goes on between cells: await it in its own cell")

    def _kept_by_functions(self, index: int, flow: Flow) -> None:
        """Have variables that functions look up when they are called be the module's, where a step binds them."""
        others = [each for each in self.flows if each is not flow]
        inner = {name for node in late(unit.node for unit in flow.units) for name in names_inside(node)[0].reads}
        later = {name for each in self.flows[index + 1 :] for name in each.binds | set(each.names.deletes)}
        shadows = {name for unit in flow.units for name in _class_shadows(unit.node)}
        if not flow.is_step:
            self.globals |= shadows & self._data
            return
        binds = flow.binds | set(flow.names.deletes)
        called = self._standing.closed(flow.names.reads) | self._escaping
        read_elsewhere = {name for function in called for name in self._standing.reached[function]}
        for each in others:
            for node in late(unit.node for unit in each.units):
                read_elsewhere |= names_inside(node)[0].reads
        classes = {unit.defines for unit in flow.units if isinstance(unit.node, ast.ClassDef)}
        needed = {name for each in self.flows[index + 1 :] for name in each.names.reads}
        functions = {unit.defines for unit in flow.units if unit.defines} & (needed | flow.names.reads)
        flow.own = binds & (read_elsewhere | (inner & later) | shadows | classes | functions | self._declared)
        hidden = ((inner & later) | shadows | self._declared) & self._data
        self.globals |= flow.own | hidden
        flow.names = _without(flow.names, hidden - binds)

    @property
    def _data(self) -> set[str]:
        return {name for flow in self.flows for name in flow.binds}

    @property
    def _escaping(self) -> set[str]:
        """Functions of the module that are more than called: they may be anywhere."""
        found: set[str] = set()
        nodes = [unit.node for flow in self.flows for unit in flow.units]
        for top in [*nodes, *(unit.node for unit in self._standing.definitions)]:
            called = {id(node.func) for node in walk(top) if isinstance(node, ast.Call)}
            found |= {
                node.id
                for node in walk(top)
                if isinstance(node, ast.Name) and node.id in self._standing.reached and id(node) not in called
            }
        return found

    def _follow(self) -> None:
        sure: set[str] = set()
        perhaps: set[str] = set()
        dropped: set[str] = set()
        for index, flow in enumerate(self.flows):
            tools = inline_tools(flow.before)
            sure |= tools
            surely, maybe = set(flow.names.surely), flow.binds - set(flow.names.surely)
            deleted = set(flow.names.deletes)
            if flow.is_step:
                self._step(index, flow, sure, perhaps)
                if flow.part.options.map is not None or flow.part.options.sweep is not None:
                    surely, maybe, deleted = set(flow.returns), set(), set()
                else:
                    dropped |= (flow.binds | deleted) - {*flow.deletes, *flow.own}
                dropped -= {*flow.returns, *flow.perhaps}
            else:
                dropped -= surely
            sure |= surely
            sure -= (maybe & deleted) | (deleted - surely)
            perhaps |= maybe | deleted
            perhaps -= sure
        own = self.tools | self._standing.names
        self.final = sorted(name for name in sure - own - dropped if not name.startswith("_"))
        self.perhaps = sorted(name for name in perhaps - sure - own - dropped if not name.startswith("_"))

    def _step(self, index: int, flow: Flow, sure: set[str], perhaps: set[str]) -> None:
        looped = flow.part.options.map is not None or flow.part.options.sweep is not None
        wanted = set(flow.names.reads | flow.names.mentions) | set(flow.names.deletes)
        for name in sorted(wanted - self.tools - flow.own):
            binds = name in flow.names.binds or name in flow.names.deletes
            if name in sure or (name in perhaps and binds and not looped):
                flow.arguments.append(name)
            elif name in perhaps:
                self.globals.add(name)
        if looped:
            flow.returns = [each.name for each in gathered(flow.part.cell, flow.part.options)]
            return
        deletes = {name for name in flow.names.deletes if name in sure | perhaps} - flow.own
        surely = set(flow.names.surely) - deletes - flow.own - self._local(index, flow)
        maybe = (flow.binds | set(flow.names.deletes)) - surely - deletes - flow.own
        flow.deletes = sorted(deletes)
        flow.returns = sorted(surely, key=lambda name: (_place(flow, name), name))
        flow.perhaps = sorted(name for name in maybe if self._needed(name, index) or name in sure | perhaps)

    def _local(self, index: int, flow: Flow) -> set[str]:
        """Return names that only tools of a step bear: loops' variables and functions that nothing reads later."""
        stored = _assigned(flow)
        return {name for name in flow.binds - stored if not self._needed(name, index)}

    def _needed(self, name: str, index: int) -> bool:
        if any(name in reads for reads in self._standing.reached.values()):
            return True
        return any(
            name in flow.names.reads or name in flow.names.mentions or name in flow.names.deletes
            for flow in self.flows[index + 1 :]
        )


def _flow(part: Part, standing: Standing) -> Flow:
    units = standing.left(part)
    before: list[Unit] = []
    if part.is_step:
        before = [unit for unit in units if unit.imports]
        acted = False
        for unit in units:
            if unit.imports and acted:
                raise part.refused(
                    f"has `{ast.unparse(unit.node)}` after what may change it: import in a cell of its own"
                )
            acted = acted or acts(unit)
        units = [unit for unit in units if not unit.imports]
    if not any(not isinstance(unit.node, ast.Pass) for unit in units):
        units = []
    return Flow(part, units, before, names_of(ast.Module([unit.node for unit in units], [])))


def _declared(node: ast.AST) -> set[str]:
    return {name for each in walk(node) if isinstance(each, ast.Global) for name in each.names}


def _class_shadows(node: ast.AST) -> set[str]:
    """Return names that the body of a class reads from around it and binds itself: in a function it can't find them."""
    found: set[str] = set()
    for each in walk(node):
        if isinstance(each, ast.ClassDef):
            inner = names_inside(each)[0]
            stored = {
                part.id
                for top in each.body
                for part in walk(top)
                if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)
            }
            found |= inner.reads & stored
    return found


def _assigned(flow: Flow) -> set[str]:
    """Return names that are bound by more than loops, `with`, `except`, imports and definitions."""
    found: set[str] = set()
    for unit in flow.units:
        for node in walk(unit.node):
            targets: list[ast.expr] = []
            if isinstance(node, ast.Assign):
                targets = node.targets
            elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
                targets = [node.target]
            found |= {each.id for target in targets for each in walk(target) if isinstance(each, ast.Name)}
    return found


def _place(flow: Flow, name: str) -> tuple[int, int]:
    places = [
        (node.lineno, node.col_offset)
        for unit in flow.part.cell.tree.body
        for node in walk(unit)
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
    ]
    return min(places, default=(0, 0))


def _without(names: Names, hidden: set[str]) -> Names:
    import msgspec

    return msgspec.structs.replace(names, reads=names.reads - hidden, mentions=names.mentions - hidden)
