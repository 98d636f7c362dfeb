"""What cells have set up, noted for the keys of later steps: setup cells, and imports that may act elsewhere."""

from __future__ import annotations

from typing import NamedTuple

from steppe.analysis.cell import Cell
from steppe.analysis.effects import Act, Effect, import_acts
from steppe.analysis.imports import bound_by
from steppe.analysis.options import Options
from steppe.engine.gather import gather
from steppe.engine.key import cache_key
from steppe.engine.module_acts import sets_up
from steppe.engine.session import Session
from steppe.engine.setup_log import Setup
from steppe.engine.setup_rules import effect_of, without_loading
from steppe.engine.watched import watched_by
from steppe.types import Digest
from steppe.worker.libraries import Attributes, attributes, rebound
from steppe.worker.printers import Printers, printers, retold
from steppe.worker.trace import unseen


class Before(NamedTuple):
    """What a cell may tell the shell, or set in a library, as it was before it ran."""

    printers: Printers
    libraries: Attributes


def look(session: Session, cell: Cell) -> Before:
    """Look at what a cell may change that is about to run."""
    return Before(printers(session.setting.shell), attributes(watched_by(session, cell)))


def note_plain(session: Session, cell: Cell, before: Before, *, failed: bool = False) -> None:
    """Note what a cell that has just run has set up for later ones.

    Args:
        session: the kernel's.
        cell: the cell.
        before: what was there before it ran.
        failed: whether it raised an error.
    """
    with unseen():
        if not failed:
            note_imports(session, cell)
        effect = effect_of(cell, session)
        acts = effect is not None and effect.act in (Act.SETUP, Act.IMPORTS)
        if failed or not acts:
            note_retold(session, cell, before, failed=failed)
        elif effect is not None and effect.act is Act.SETUP:
            note_setup(session, cell, effect)
        if failed or effect is None or effect.act is not Act.SETUP:
            note_modules(session, cell)


def note_setup(session: Session, cell: Cell, effect: Effect, *, again: bool = True) -> None:
    """Note a setup cell that has run: its code, and what it read; `again` where it is to run before later steps."""
    gathered = gather(cell, Options(), session.setting.namespace, session.around)
    code = [item for item in gathered.ingredients if item.kind in CODE_KINDS]
    named = cell.names.reads | gathered.walk.names
    inputs: list[tuple[str, Digest]] = sorted(
        (item.name, item.version)
        for item in gathered.ingredients
        if item.kind in READ_KINDS and (item.name in named or item.name not in KEPT)
    )
    if gathered.reasons:
        inputs.append(("", session.unique()))
    session.setup.add(
        Setup(
            target=(effect.path or effect.what).partition(".")[0],
            code=cache_key(code),
            source=cell.source if again else "",
            inputs=tuple(inputs),
            label=effect.what,
        )
    )


def note_retold(session: Session, cell: Cell, before: Before, *, failed: bool = False) -> None:
    """Note a cell where it was seen to set something in a library, or to tell the shell how to show values."""
    if there := rebound(before.libraries):
        note_setup(session, cell, Effect(Act.SETUP, f"{there} = …", there), again=not failed)
    if retold(before.printers, printers(session.setting.shell)):
        session.hooked = session.hooked or "an earlier cell has told the shell how to show values, in the kernel alone"
        note_setup(session, cell, Effect(Act.SETUP, "how values are shown", "the shell"), again=not failed)


def note_modules(session: Session, cell: Cell) -> None:
    """Note a plain cell that has a function of the project's modules set something up; workers do not run it again."""
    get = without_loading(session.setting.namespace, lambda _: False)
    effect = sets_up(cell.glance, get, session.modules)
    if effect is not None:
        note_setup(session, cell, effect, again=False)


KEPT = frozenset({"In", "Out"})
"""What the shell keeps of all cells, and `get_ipython()` gives: it differs each time that a cell is run again."""

READ_KINDS = frozenset({"input", "function", "class"})
CODE_KINDS = frozenset({"code", "function", "class", "module", "global"})


def note_imports(session: Session, cell: Cell) -> None:
    """Note what a cell imported: under which names, and the modules whose import may change what others do."""
    if not cell.glance.imports and not cell.glance.may_bind(session.imported):
        return
    for name in cell.names.binds | cell.names.deletes:
        session.imported.pop(name, None)
    session.imported.update(bound_by(cell.names.imports))
    for made in cell.names.imports:
        whole = f"{made.module}.{made.name}" if made.name and made.name != "*" else made.module
        for module in dict.fromkeys((made.module, whole)):
            if not made.level and module and _acts(session, module):
                note_import(session, module)


def note_import(session: Session, module: str) -> None:
    """Note the import of a module that may change what others do."""
    version = _import_version(session, module)
    session.setup.add(Setup(target="import", code=version, source=f"import {module}", label=module))


def _acts(session: Session, module: str) -> bool:
    """Tell whether importing a module may do something elsewhere: the lists know most, the rest is believed able to."""
    known = import_acts(module)
    if known is not None:
        return known
    origin = session.modules.origin(module)
    return origin == "package" or (origin == "project" and session.modules.closure([module]).acts)


def _import_version(session: Session, module: str) -> Digest:
    closure = session.modules.closure([module])
    return cache_key(closure.ingredients()) if closure.project else f"import {module}"
