"""Large arrays are stored once, while they are digested; what shares their memory still comes back sharing it."""

import pytest

SIZE = 1 << 22
"""Bytes of an array."""

MAKE = f"import numpy as np\nx = np.arange({SIZE // 8}.0)"


@pytest.fixture
def put(notebook, monkeypatch):
    """The sizes of the large chunks that the Store is given."""
    from steppe.store.local import LocalStore

    sizes = []
    original = LocalStore.put

    def counted(self, chunks):
        chunks = [*chunks]
        sizes.extend(size for chunk in chunks if (size := memoryview(chunk).nbytes) >= 1 << 20)
        return original(self, chunks)

    monkeypatch.setattr(LocalStore, "put", counted)
    return sizes


@pytest.mark.parametrize(
    ("cell", "sizes", "check"),
    [
        pytest.param(MAKE, [SIZE], "x[-1] == len(x) - 1", id="alone"),
        pytest.param(f"{MAKE}\ny = x * 2", [SIZE, SIZE], "(y == x * 2).all()", id="two"),
        pytest.param(f"{MAKE}\ny = x", [SIZE], "y is x", id="one under two names"),
        pytest.param(f"{MAKE}\ny = x[1:]", [SIZE], "np.shares_memory(x, y)", id="a view beside it"),
        pytest.param(f"{MAKE}\nheld = {{'x': x}}", [SIZE], "held['x'] is x", id="inside another"),
        pytest.param(f"{MAKE}\nheld = [x[3:4]]", [SIZE], "np.shares_memory(x, held[0])", id="shown by another"),
        pytest.param(f"{MAKE}\nx", [SIZE], "x is _", id="the cell's value"),
    ],
)
def test_a_large_array_is_stored_once(notebook, put, cell, sizes, check):
    notebook.run(f"%%step s\n{cell}")
    assert notebook.states == ["succeeded"], notebook.why
    assert put == sizes
    notebook.restart()
    notebook.run(f"%%step s\n{cell}")
    assert notebook.states == ["hit"]
    notebook.run(f"import numpy as np\nright = bool({check})")
    assert notebook["right"]


@pytest.mark.parametrize("cell", ["y = x", "y = x[1:]", "y = x\nx[3] = 7"])
def test_memory_of_an_input_is_not_stored_as_if_it_were_new(notebook, put, cell):
    notebook.run(MAKE)
    notebook.run(f"%%step s\n{cell}")
    assert notebook.states == ["succeeded"], notebook.why
    assert put == ([SIZE] if "7" in cell else [])
    notebook.restart()
    notebook.run(MAKE)
    notebook.run(f"%%step s\n{cell}")
    assert notebook.states == ["hit"]
    notebook.run(f"right = np.shares_memory(x, y) and x[3] == {7 if '7' in cell else 3}")
    assert notebook["right"]


def test_an_array_that_a_disk_has_no_room_for_stays_bound(notebook, monkeypatch):
    from steppe.errors import StoreUnavailable
    from steppe.store.local import LocalStore

    def full(self, chunks):
        raise StoreUnavailable("the disk is full")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(LocalStore, "put", full)
        notebook.run(f"%%step s\n{MAKE}")
    assert notebook.states == ["succeeded"]
    assert "the disk is full" in notebook.why
    assert notebook["x"][1] == 1
    notebook.run(f"%%step s\n{MAKE}")
    notebook.restart()
    notebook.run(f"%%step s\n{MAKE}")
    assert notebook.states == ["hit"]
