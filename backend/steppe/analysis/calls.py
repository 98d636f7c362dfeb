"""Names in calls: of functions that look into namespaces, take texts that name variables, or are magics."""

from __future__ import annotations

import ast

from steppe.analysis import magics, namespace, texts
from steppe.analysis.conduct import Way
from steppe.analysis.expressions import Expressions, reads
from steppe.analysis.flow import join
from steppe.analysis.magics import Magic
from steppe.analysis.scopes import body_scope


class Calls(Expressions):
    """Reads calls.

    Attributes:
        magics: the magics met, in order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.magics: list[Magic] = []

    @reads(ast.Call)
    def _call(self, node: ast.Call) -> None:
        func = node.func
        if type(func) is ast.Name:
            if self._call_by_name(node, func.id):
                return
        elif type(func) is ast.Attribute:
            if namespace.shell_call(func.value):
                self._shell(node, func)
                return
            if self.module_namespace(func.value) and func.attr in namespace.LOOKING:
                name = namespace.item_call(node)
                if name is not None:
                    self.read(name)
                else:
                    self.reads_any = self.reads_any or f"globals().{func.attr}"
                self.exprs(node.args[1:])
                return
        style = texts.style_of(node)
        if style is not None:
            self.texts.note(node, style, self._own(node))
        self.expr(func)
        self.exprs(node.args)
        for keyword in node.keywords:
            if keyword.arg is None and self.module_namespace(keyword.value):
                self.reads_any = self.reads_any or "**globals()"
            else:
                self.expr(keyword.value)

    def _own(self, node: ast.Call) -> set[str]:
        """Return the names in a call that are not surely those from before the cell."""
        names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        return {name for name in names if name in self.binds or self.scope.holder(self.scope.spelt(name)) is not None}

    def _call_by_name(self, node: ast.Call, name: str) -> bool:
        """Read a call of a builtin that has to do with namespaces; tell whether `node` was one."""
        if name in self.state.gone:
            return False
        bare = not node.args and not node.keywords
        if name in ("locals", "vars", "dir") and bare:
            if self.scope.at_module:
                self.reads_any = self.reads_any or f"{name}()"
                if name != "dir":
                    self.binds_any = self.binds_any or f"{name}()"
            return True
        if name in namespace.HARMLESS_FOR_SHELL and len(node.args) == 1 and namespace.shell_call(node.args[0]):
            return True
        if name in namespace.COPYING and len(node.args) == 1 and self.module_namespace(node.args[0]):
            self.reads_any = self.reads_any or f"{name}(globals())"
            return True
        return False

    def _shell(self, node: ast.Call, func: ast.Attribute) -> None:
        """Read a call of a method of `get_ipython()`: a magic, or something that may do anything."""
        magic = magics.recognise(node, func.attr)
        if magic is None:
            self.expr(func.value)
            self.exprs([*node.args, *node.keywords])
        else:
            self._magic(magic)

    def _magic(self, magic: Magic) -> None:
        self.magics.append(magic)
        for name in sorted(magic.reads):
            self.load(name)
        for code in magic.codes:
            self._magic_code(code)
        if magic.reads_any:
            self.reads_any = self.reads_any or magic.title
        if magic.binds_any:
            self.binds_any = self.binds_any or magic.title
        for name in sorted(magic.binds):
            self.bind(name)
        for name in sorted(magic.deletes):
            self.unbind(name)

    def _magic_code(self, code: magics.Code) -> None:
        """Read the code inside a magic, in the way in which the magic runs it."""
        if code.way is Way.FUNCTION:
            self.later(body_scope(code.tree.body, self.scope), code.tree.body)
            return
        before = self.state.copy()
        since = len(self.unbindings)
        self.block(code.tree.body)
        if code.way is Way.GUARDED:
            before.unbound.update(self.unbindings[since:])
            self.state = join(self.state, before)
