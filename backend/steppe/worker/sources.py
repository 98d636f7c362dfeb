"""The sources of the notebook's code: what each cell said when it was run, and where in it a function stands."""

from __future__ import annotations

import sys
import types

from blake3 import blake3

from steppe.analysis.functions import Definition, Index, place_of
from steppe.values.rebuild import Location, first_column


class Sources:
    """The cells that were run in this process, by the file name that IPython gave their code.

    This is the `Home` of walks: it knows which code is the notebook's, and its version.
    """

    def __init__(self) -> None:
        self._cells: dict[str, tuple[str, int]] = {}
        self._indexes: dict[str, Index] = {}
        self._versions: dict[int, tuple[types.CodeType, bytes]] = {}

    def add(self, filename: str, source: str, flags: int = 0) -> None:
        """Note the source, as Python, of a cell that is about to run."""
        self._cells[filename] = source, flags

    def text(self, filename: str) -> str | None:
        """Return the source, as Python, of the cell with this file name; None where there is none."""
        found = self._cells.get(filename)
        return found[0] if found is not None else None

    def is_notebook(self, module: str) -> bool:
        """Tell whether a module's name, or a file name, is that of code in cells."""
        return module == "__main__" or module in self._cells

    def code_version(self, code: types.CodeType) -> bytes:
        """Return the version of a function's source: of its syntax tree where it is known, else of its bytecode."""
        known = self._versions.get(id(code))
        if known is None:
            known = code, self._version(code)
            if code.co_filename in self._cells:  # a script's source is known only once a step of it is called
                self._versions[id(code)] = known
        return known[1]

    def _version(self, code: types.CodeType) -> bytes:
        found = self.definition(code)
        if found is not None:
            return b"s" + found.digest.encode()
        return b"c" + blake3(_plain(code)).digest()

    def definition(self, code: types.CodeType) -> Definition | None:
        """Return where in a cell's source a code object was written, or None where that is not known."""
        filename = code.co_filename
        if filename not in self._indexes:
            if filename not in self._cells:
                return None
            self._indexes[filename] = Index.of(self._cells[filename][0])
        return self._indexes[filename].find(place_of(code))

    def locate(self, code: types.CodeType) -> Location | None:
        """Return where the source of a function stands, or None where it is not known."""
        cell = self._cells.get(code.co_filename)
        if cell is None:
            return None
        return Location(
            source=cell[0],
            filename=code.co_filename,
            name=code.co_name,
            qualname=code.co_qualname,
            line=code.co_firstlineno,
            column=first_column(code),
            flags=cell[1],
        )


def _plain(code: types.CodeType) -> bytes:
    """Return the bytes of a code object without a source: what it does, on this version of Python."""
    constants = [
        _plain(item) if isinstance(item, types.CodeType) else repr((type(item), item)) for item in code.co_consts
    ]
    said = (sys.version_info[:2], code.co_code, constants, code.co_names, code.co_varnames, code.co_flags)
    return repr((said, code.co_argcount, code.co_kwonlyargcount, code.co_freevars, code.co_cellvars)).encode()
