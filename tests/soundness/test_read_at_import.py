"""What libraries read while they are imported, by a cell that is no step: their configuration, and variables."""

from __future__ import annotations

from tests.soundness.harness import Case, hit, miss, table

PLOT = "import matplotlib\nimport matplotlib.pyplot as plt\n# %%\n%%step s\n"
SIZE = PLOT + "x = plt.figure().get_size_inches().tolist()\nplt.close()"
FREE = ("matplotlib", "plt", "pd", "np")


def changed(name: str, cells: str, old: dict, new: dict, **more: object) -> Case:
    return miss(name, cells, files=old, new=new, free=FREE, fresh=True, **more)  # type: ignore[arg-type]


ROWS = [
    changed(
        "a matplotlibrc beside the notebook",
        SIZE,
        {"matplotlibrc": "figure.figsize: 6, 4\n"},
        {"matplotlibrc": "figure.figsize: 5, 3\n"},
        why="matplotlib",
    ),
    changed("a matplotlibrc that was not there", SIZE, {}, {"matplotlibrc": "figure.figsize: 5, 3\n"}),
    changed("a matplotlibrc that is gone", SIZE, {"matplotlibrc": "figure.figsize: 6, 4\n"}, {"matplotlibrc": None}),
    changed(
        "a matplotlibrc, imported in the step",
        "%%step s\nimport matplotlib.pyplot as plt\nx = plt.figure().get_size_inches().tolist()\nplt.close()",
        {"matplotlibrc": "figure.figsize: 6, 4\n"},
        {"matplotlibrc": "figure.figsize: 5, 3\n"},
    ),
    changed(
        "a matplotlibrc that a variable names",
        SIZE,
        {"a.rc": "figure.figsize: 6, 4\n"},
        {"a.rc": "figure.figsize: 5, 3\n"},
        env={"MATPLOTLIBRC": "a.rc"},
    ),
    changed(
        "a style of the user's",
        PLOT + "plt.style.use('mine')\nx = plt.rcParams['lines.linewidth']\nplt.style.use('default')",
        {"conf/stylelib/mine.mplstyle": "lines.linewidth: 3\n"},
        {"conf/stylelib/mine.mplstyle": "lines.linewidth: 4\n"},
        env={"MPLCONFIGDIR": "conf"},
    ),
    miss(
        "a variable that is called after its library",
        "import pandas as pd\n# %%\n%%step s\nx = str(pd.Series(['a']).dtype)",
        env={"PANDAS_FUTURE_INFER_STRING": "0"},
        new_env={"PANDAS_FUTURE_INFER_STRING": "1"},
        free=FREE,
        fresh=True,
        why="PANDAS_FUTURE_INFER_STRING",
    ),
    miss(
        "such a variable that is new",
        "import sklearn\n# %%\n%%step s\nx = sklearn.get_config()['assume_finite']",
        new_env={"SKLEARN_ASSUME_FINITE": "1"},
        free=("sklearn",),
        fresh=True,
    ),
    hit(
        "such a variable of a library that is not there",
        "import pandas as pd\n# %%\n%%step s\nx = pd.Series([1]).sum()",
        env={"SKLEARN_ASSUME_FINITE": "0"},
        new_env={"SKLEARN_ASSUME_FINITE": "1"},
        free=FREE,
        fresh=True,
    ),
    miss(
        "how values are shown, told by a function of a star import",
        "%%step a\nfrom sympy.physics.vector import *\ninit_vprinting(pretty_print=False)\nq = dynamicsymbols('q')\n"
        "# %%\n%%step s\nq.diff()",
        ("q.diff()", "q.diff() * 2"),
        free=("q",),
        fresh=True,
        same=True,
    ),
    hit(
        "a matplotlibrc that stays",
        SIZE,
        files={"matplotlibrc": "figure.figsize: 6, 4\n"},
        new={"matplotlibrc": "# mine\nfigure.figsize: 6, 4\n"},
        free=FREE,
        fresh=True,
    ),
]

test_rows = table(ROWS)
