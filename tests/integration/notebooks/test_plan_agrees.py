"""What `steppe plan` says before a run is what the run then does, over edits of every kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

CELLS = {
    "imports": "import math\nfrom helpers import scale\nimport tablib_of_ours",
    "helper": "def add(a, b=1):\n    return a + b",
    "const": "lr = 0.5",
    "load": "%%step load\nrows = open('data.csv').read().split()",
    "use": "%%step use\nu = add(len(rows))",
    "scaled": "%%step scaled\ns = scale(u) * lr",
    "packed": "%%step packed\np = tablib_of_ours.VALUE + 1",
    "alone": "%%step alone\nt = math.floor(2.5)",
    "last": "%%step last\nz = t + 1\nprint(z)",
}

ALIKE = {"succeeded": "run", "hit": "hit", "setup": "run"}


class Book:
    def __init__(self, room: Any, *mode: str) -> None:
        self.room = room
        self.mode = mode
        self.cells = dict(CELLS)
        self.file("helpers.py", "import deeper\n\n\ndef scale(x):\n    return x * deeper.K\n")
        self.file("deeper.py", "K = 2\n")
        self.file("data.csv", "1 2 3\n")
        self.file("tablib_of_ours.py", "VALUE = 1\n")

    def file(self, name: str, text: str) -> None:
        (self.room.folder / name).write_text(text)

    def cell(self, id_: str, text: str) -> None:
        self.cells[id_] = text

    def plan(self) -> dict[str, Any]:
        self.room.write(self.cells)
        return {step["name"]: step for step in self.room.json("plan", "book.ipynb", *self.mode)["steps"]}

    def check(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Plan, run, and compare; where the plan does not know, either may be."""
        planned = self.plan()
        document = self.room.json("run", "book.ipynb", *self.mode)
        assert document["status"] == "succeeded", document
        ran = {step["name"]: step for step in document["steps"]}
        assert list(planned) == list(ran)
        for name, step in planned.items():
            if step["plan"] != "unknown":
                assert step["plan"] == ALIKE[ran[name]["status"]], (name, step, ran[name])
            else:
                assert step["why"]
        return planned, ran


Edit = Callable[[Book], None]

EDITS: list[tuple[str, Edit, dict[str, str]]] = [
    ("nothing", lambda book: None, {"use": "hit", "last": "hit", "scaled": "hit"}),
    ("a helper", lambda book: book.cell("helper", "def add(a, b=2):\n    return a + b"), {"use": "run", "load": "hit"}),
    ("a constant", lambda book: book.cell("const", "lr = 1.5"), {"scaled": "run", "use": "hit"}),
    ("a file", lambda book: book.file("data.csv", "1 2 4\n"), {"load": "run", "use": "unknown", "last": "hit"}),
    ("a step", lambda book: book.cell("alone", "%%step alone\nt = math.ceil(2.5)"), {"alone": "run", "use": "hit"}),
    ("a module", lambda book: book.file("deeper.py", "K = 3\n"), {"scaled": "run"}),
    ("a comment", lambda book: book.cell("last", "%%step last\n# new\nz = t + 1\nprint(z)"), {"last": "hit"}),
    (
        "a value by another cell",
        lambda book: book.cell("const", "lr = float('1.5')"),
        {"scaled": "unknown", "alone": "hit"},
    ),
    (
        "all of it undone",
        lambda book: Book.__init__(book, book.room, *book.mode),
        {"use": "hit", "scaled": "hit", "alone": "hit"},
    ),
]


@pytest.mark.parametrize("mode", [(), ("--steps", "all")], ids=["magic", "all"])
def test_a_plan_says_what_the_run_then_does(room, mode):
    book = Book(room, *mode)
    planned, _ = book.check()
    assert {step["plan"] for step in planned.values()} == {"run"}
    for label, edit, expected in EDITS[::2] if mode else EDITS:
        edit(book)
        planned, _ = book.check()
        for name, word in expected.items():
            assert planned[name]["plan"] == word, (label, name, planned[name])


def test_why_names_what_was_edited_before_the_run_and_after(room):
    book = Book(room)
    book.check()
    assert room.steppe("why", "book.ipynb", "use")[1].splitlines()[0] == "it has not run before"
    book.cell("helper", "def add(a, b=2):\n    return a + b")
    room.write(book.cells)
    assert room.steppe("why", "book.ipynb", "use")[1].splitlines()[0] == "add() changed"
    document = room.json("why", "book.ipynb", "use")
    change = document["cells"][0]["changes"][0]
    assert (change["kind"], change["name"]) == ("function", "add")
    assert change["old"] != change["new"]
    book.cell("const", "lr = 2.5")
    book.file("data.csv", "9\n")
    book.check()
    assert room.steppe("why", "book.ipynb", "scaled")[1].splitlines()[0] in ("`lr` changed", "`u` changed")
    assert room.steppe("why", "book.ipynb", "load")[1].splitlines()[0] == "the file data.csv changed"
    code, _, err = room.steppe("why", "book.ipynb", "lod")
    assert code == 2
    assert "did you mean `load`?" in err


def test_a_package_that_was_upgraded_is_seen_by_the_plan(room, monkeypatch):
    folder = room.folder / "site"

    def install(version):
        info = folder / f"pocket-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: pocket\nVersion: {version}\n")

    install("1.0")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.syspath_prepend(str(folder))
    room.write({"a": "%%step one env=lock\nx = 1", "b": "%%step two\ny = 1"})
    assert room.json("run", "book.ipynb")["status"] == "succeeded"
    assert [step["plan"] for step in room.json("plan", "book.ipynb")["steps"]] == ["hit", "hit"]
    (folder / "pocket-1.0.dist-info").rename(folder / "old")
    install("2.0")
    plan = room.json("plan", "book.ipynb")["steps"]
    assert [step["plan"] for step in plan] == ["run", "hit"]
    assert plan[0]["why"] == ["pocket was 1.0, is 2.0"]
    assert room.steppe("why", "book.ipynb", "one")[1].splitlines()[0] == "pocket was 1.0, is 2.0"
    assert [step["status"] for step in room.json("run", "book.ipynb")["steps"]] == ["succeeded", "hit"]
