"""Notes, tags, names, pins and hazards: what people say is kept."""

from __future__ import annotations

import msgspec

from steppe.catalog import Catalog, Hazard, Name, Note, Pin
from steppe.testing.catalog.made import identity
from steppe.types import StepId


class MarksSuite:
    """The promises of `Catalog.notes`, `names` and `hazards`."""

    def test_notes_are_told_in_their_order(self, catalog: Catalog) -> None:
        """Those on one subject, until they are removed."""
        first = Note(id=identity(1), kind="run", subject="r", text="größer 🦔\n", author="me", time=1.5)
        second = Note(id=identity(2), kind="run", subject="r", text="")
        for note in (second, first, second, Note(id=identity(3), kind="step_run", subject="r", text="other")):
            catalog.notes.add(note)
        assert catalog.notes.of("run", "r") == [first, second]
        catalog.notes.remove(first.id)
        catalog.notes.remove("none")
        assert catalog.notes.of("run", "r") == [second]

    def test_tags_are_put_on_and_taken_off(self, catalog: Catalog) -> None:
        """Twice is once."""
        for tag in ("b", "a", "b"):
            catalog.notes.tag("run", "r1", tag)
        catalog.notes.tag("step_run", "r1", "c")
        assert catalog.notes.tags("run", ["r1", "r2"]) == {"r1": ["a", "b"], "r2": []}
        catalog.notes.untag("run", "r1", "a")
        catalog.notes.untag("run", "r1", "z")
        assert catalog.notes.tags("run", ["r1"]) == {"r1": ["b"]}

    def test_a_name_moves_and_remembers_where_it_was(self, catalog: Catalog) -> None:
        """Dropped, too."""
        assert catalog.names.get("production") is None
        catalog.names.move("production", "b3:1", now=1.0, author="me", note="first")
        catalog.names.move("production", "b3:2", now=2.0)
        catalog.names.move("candidate", "b3:1", now=3.0)
        second = Name(name="production", version="b3:2", time=2.0)
        assert catalog.names.get("production") == second
        assert [name.name for name in catalog.names.all()] == ["candidate", "production"]
        catalog.names.drop("production", now=4.0, author="you")
        assert catalog.names.get("production") is None
        assert catalog.names.history("production") == [
            Name(name="production", version=None, author="you", time=4.0),
            second,
            Name(name="production", version="b3:1", author="me", time=1.0, note="first"),
        ]
        assert catalog.names.history("none") == []

    def test_pins_are_put_and_removed(self, catalog: Catalog) -> None:
        """Pinned again, the newest reason counts."""
        pin = Pin(kind="run", target="r", reason="paper", time=1.0)
        catalog.names.pin(pin)
        catalog.names.pin(msgspec.structs.replace(pin, reason="thesis"))
        catalog.names.pin(Pin(kind="artifact", target="b3:1"))
        assert catalog.names.pins() == [
            Pin(kind="artifact", target="b3:1"),
            msgspec.structs.replace(pin, reason="thesis"),
        ]
        catalog.names.unpin("run", "r")
        catalog.names.unpin("run", "none")
        assert catalog.names.pins() == [Pin(kind="artifact", target="b3:1")]

    def test_a_hazard_is_remembered_by_both_notebooks(self, catalog: Catalog) -> None:
        """Once, until the reader is written anew."""
        reader, writer = StepId(notebook="n1", name="read"), StepId(notebook="n2", name="write")
        hazard = Hazard(reader=reader, writer=writer, path="data/a.csv", seen=1.0)
        again = msgspec.structs.replace(hazard, seen=2.0)
        other = Hazard(reader=writer, writer=writer, path="b", seen=1.0)
        for one in (hazard, other, again):
            catalog.hazards.remember(one)
        assert catalog.hazards.of("n1") == [again]
        assert catalog.hazards.of("n2") == [again, other]
        assert catalog.hazards.of("n3") == []
        catalog.hazards.forget(reader)
        assert catalog.hazards.of("n2") == [other]
