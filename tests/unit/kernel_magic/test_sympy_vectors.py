"""Steps that leave vectors of sympy: later cells show them as they would without Steppe."""

CELLS = [
    "from sympy.vector import CoordSys3D\nfrom sympy import latex\nC = CoordSys3D('C')",
    "field = C.x * C.i + C.y * C.j",
    "latex(field + C.i)",
]


def test_what_sympy_keeps_of_them_is_left_alone(notebook):
    plain = [notebook.run(cell) for cell in CELLS]
    assert "hat{i}" in plain[-1]
    for _ in range(2):
        notebook.restart()
        shown = [notebook.run(cell, step=True) for cell in CELLS]
        assert shown[-1].partition(":")[2] == plain[-1].partition(":")[2]
        assert "sympy would hand out" in str(notebook.steps[-1].why)
