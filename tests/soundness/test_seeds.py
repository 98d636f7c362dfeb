"""Generators of random numbers: seeded, seeded later, asked for their state, and seeded by the step itself."""

from __future__ import annotations

from tests.soundness.harness import hit, miss, table

RANDOM = "import random\nrandom.seed(1)\n# %%\n%%step s\n"
NUMPY = "import numpy as np\nnp.random.seed(1)\n# %%\n%%step s\n"
ROWS = [
    miss(
        "a seed where there was none",
        "import random\n# %%\n%%step s\nx = random.random()",
        "import random\nrandom.seed(1)\n# %%\n%%step s\nx = random.random()",
    ),
    miss(
        "numpy's seed where there was none",
        "import numpy as np\n# %%\n%%step s\nx = float(np.random.rand())",
        "import numpy as np\nnp.random.seed(1)\n# %%\n%%step s\nx = float(np.random.rand())",
    ),
    miss("a state that is only asked for", RANDOM + "x = random.getstate()[1][5]", ("seed(1)", "seed(2)")),
    miss(
        "numpy's state that is only asked for", NUMPY + "x = int(np.random.get_state()[1][0])", ("seed(1)", "seed(2)")
    ),
    miss("a draw before a step's own seed", RANDOM + "x = random.random()\nrandom.seed(5)", ("seed(1)", "seed(2)")),
    hit("a step that seeds before it draws", RANDOM + "random.seed(5)\nx = random.random()", ("seed(1)", "seed(2)")),
    hit(
        "a step that seeds numpy before it draws",
        NUMPY + "np.random.seed(5)\nx = float(np.random.rand())",
        ("seed(1)", "seed(2)"),
    ),
    hit(
        "a step that seeds what was seeded so",
        RANDOM + "random.seed(5)\ny = 1\n# %%\nx = random.random()",
        ("random.seed(1)", "random.seed(5)"),
    ),
    hit(
        "a step that seeds what was seeded so, after another seed",
        "import random\nrandom.seed(5)\n# %%\n%%step s\nrandom.seed(5)\ny = 1\n# %%\nx = random.random()",
        ("random.seed(5)\n# %%", "random.seed(1)\n# %%"),
    ),
    hit(
        "a state that is put back by the step that asked for it",
        NUMPY
        + "np.random.seed(3)\ns = np.random.get_state()\nx = float(np.random.rand())\nnp.random.set_state(s)\ndel s",
        ("seed(1)", "seed(2)"),
    ),
]
test_rows = table(ROWS)
