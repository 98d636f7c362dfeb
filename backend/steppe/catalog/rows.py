"""How a struct lies in a row: what is queried in columns of its own, all the rest in one. Knows no SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import msgspec

from steppe.catalog.database import pack, stored, unpack
from steppe.catalog.found import Due, Name, Note, Pin, Schedule
from steppe.types import Artifact, Attempt, Claim, Entry, Run, State, StepRun

T = TypeVar("T", bound=msgspec.Struct)


class Shape(Generic[T]):
    """A struct's fields as a row: `columns`, and then, in most tables, `more`, which holds the other fields, packed.

    A field that is added to a struct later needs no migration: it goes to `more`, and is its default in older rows.
    There is also the `exact` text of columns that can't hold it as it is (see `database.packing.stored`).
    """

    def __init__(self, kind: type[T], columns: str, *, apart: str = "", more: bool = True) -> None:
        """Name the columns, in the order in which queries return them.

        Args:
            kind: the struct.
            columns: names of columns, apart from `more`.
            apart: fields that are kept elsewhere.
            more: whether the table has a column `more`.
        """
        self.kind = kind
        self.columns = tuple(columns.split())
        fields = {field.name: field for field in msgspec.structs.fields(kind)}
        self._states = [name for name in self.columns if name in fields and fields[name].type is State]
        rest = [field for name, field in fields.items() if name not in {*self.columns, *apart.split()}]
        assert more or not rest, f"{kind.__name__} has fields without a column"
        self.more = more
        self._rest = tuple(field.name for field in rest)
        exact: tuple[str, Any, Any] = ("exact", dict[str, str], msgspec.field(default_factory=dict))
        self._more = msgspec.defstruct(
            f"More{kind.__name__}", [exact, *(_defaulted(field) for field in rest)], omit_defaults=True
        )

    def row(self, record: T, **others: Any) -> dict[str, Any]:
        """Return a record's row, given the columns that are no fields."""
        given = {name: others[name] if name in others else getattr(record, name) for name in self.columns}
        row = {name: stored(name, value) for name, value in given.items()}
        for name in self._states:
            row[name] = row[name].value
        if self.more:
            exact = {name: value for name, value in given.items() if row[name] != value}
            row["more"] = pack(self._more(exact, *(getattr(record, name) for name in self._rest)))
        return row

    def fields(self, row: Sequence[Any]) -> dict[str, Any]:
        """Return the fields of a row that begins with the columns and `more`."""
        fields = dict(zip(self.columns, row, strict=False))
        for name in self._states:
            fields[name] = State(fields[name])
        if self.more:
            more = unpack(row[len(self.columns)], self._more)
            fields |= {name: getattr(more, name) for name in self._rest} | more.exact
        return fields

    def record(self, row: Sequence[Any]) -> T:
        """Return the record of a row that begins with the columns and `more`."""
        return self.kind(**self.fields(row))


def _defaulted(field: msgspec.structs.FieldInfo) -> tuple[str, Any, Any]:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.name, field.type, msgspec.field(default_factory=field.default_factory)
    return field.name, field.type, field.default


RUN = Shape(Run, "id kind notebook path owner host pid started ended status commit lock")
STEP_RUN = Shape(
    StepRun,
    "id run notebook step part cell state key why executor started ended seconds error entry result",
    apart="source ingredients trace",
)
ATTEMPT = Shape(Attempt, "id step_run number executor handle task started ended state end")
CLAIM = Shape(Claim, "key holder attempt executor handle expires label", more=False)
ENTRY = Shape(Entry, "key result seconds created expires step_run size")
ARTIFACT = Shape(Artifact, "version type size preview", apart="part")
NOTE = Shape(Note, "id kind subject text author time", more=False)
NAME = Shape(Name, "name version author time note", more=False)
PIN = Shape(Pin, "kind target reason time", more=False)
SCHEDULE = Shape(Schedule, "id name root revision")
DUE = Shape(Due, "schedule due state token after expires run open")
