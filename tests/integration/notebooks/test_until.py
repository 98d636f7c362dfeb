"""`steppe run --until STEP`: so much of a notebook, with the hits of the whole."""

from __future__ import annotations

CELLS = {
    "given:parameters": "n = 2",
    "first": "%%step first\na = list(range(n))",
    "plain": "b = sum(a)",
    "second": "%%step second\nc = b + 1",
    "third": "%%step third\nd = 1 / 0",
}


def states(document):
    return [(step["name"], step["status"]) for step in document["steps"]]


def test_a_run_ends_after_its_step_and_shares_hits_with_the_others(room):
    path = room.write(CELLS)
    before = path.read_bytes()
    first = room.json("run", "book.ipynb", "--until", "first", "-p", "n", "3")
    assert (first["status"], states(first)) == ("succeeded", [("first", "succeeded")])
    second = room.json("run", "book.ipynb", "--until", "second", "-p", "n", "3", "-o", "out.ipynb")
    assert (second["status"], states(second)) == ("succeeded", [("first", "hit"), ("second", "succeeded")])
    assert len(room.outputs("out.ipynb")) == 5  # with the cell of the run's parameters, without the third step
    whole = room.json("run", "book.ipynb", "-p", "n", "3")
    assert (whole["status"], states(whole)) == ("failed", [("first", "hit"), ("second", "hit"), ("third", "failed")])
    assert path.read_bytes() == before


def test_parameters_that_come_after_the_end_are_not_set(room):
    room.write({"first": "%%step first\na = 1", "given:parameters": "n = 2", "second": "%%step second\nb = n"})
    document = room.json("run", "book.ipynb", "--until", "first", "-p", "n", "3", "-o", "out.ipynb")
    assert (document["status"], states(document)) == ("succeeded", [("first", "succeeded")])
    assert len(room.outputs("out.ipynb")) == 1


def test_a_step_that_is_not_there_names_the_nearest(room):
    room.write(CELLS)
    code, _, err = room.steppe("run", "book.ipynb", "--until", "secnd")
    assert code == 2
    assert "--until: book.ipynb has no step `secnd`: did you mean `second`?" in err
    room.write({"a": "x = 1"})
    assert "it has no steps. Run it with --steps all." in room.steppe("run", "book.ipynb", "--until", "a")[2]
    assert not (room.folder / ".steppe" / "catalog.db").exists()


def test_a_run_in_the_cluster_is_of_the_whole_notebook(room):
    room.write(CELLS)
    code, _, err = room.steppe("run", "book.ipynb", "--until", "first", "--detach")
    assert (code, "does not go with --detach" in err) == (2, True)
