"""Types of columns can't change: whether two places have one or two of them is no matter."""

import pytest

FRAME = (
    "frame = pd.DataFrame({\n    'text': ['a', 'b'], 'kind': pd.Categorical(['x', 'y']), 'whole': pd.array([1, 2]),\n"
    "    'sparse': pd.arrays.SparseArray([0, 1]), 'when': pd.to_datetime(['2026-01-01'] * 2, utc=True),\n"
    "    'span': pd.period_range('2026-01', periods=2, freq='M'), 'between': pd.interval_range(0, 2),\n})"
)


@pytest.mark.parametrize("taken", ["list(frame.dtypes)[:1] + list(frame.dtypes)[2:]", "frame['text'].dtype"])
def test_a_step_that_reads_types_of_one_frame_hits_in_another_session(notebook, taken):
    for _ in range(2):
        notebook.restart()
        notebook.run("import pandas as pd", step=True)
        notebook.run(FRAME, step=True)
        notebook.run(f"first = {taken}", step=True)
        notebook.run(f"second = {taken}", step=True)
        notebook.run("same = first == second, str(first)", step=True)
    assert notebook.states == ["setup", "hit", "hit", "hit", "hit"], notebook.why


def test_what_a_type_has_cached_does_not_count(notebook):
    for asked in ("", "kind.numpy_dtype"):
        notebook.restart()
        notebook.run("import pandas as pd", step=True)
        notebook.run(f"kind = pd.Int64Dtype()\n{asked}")
        notebook.run("seen = str(kind)", step=True)
    assert notebook.states[-1] == "hit", notebook.why


def test_types_that_differ_are_told_apart(notebook):
    notebook.run("import pandas as pd", step=True)
    for made in ("pd.CategoricalDtype(['a'])", "pd.CategoricalDtype(['a'], True)", "pd.CategoricalDtype(['b'])"):
        notebook.run(f"kind = {made}")
        notebook.run("seen = str(kind), list(kind.categories)", step=True)
    assert notebook.states[1:] == ["succeeded"] * 3
