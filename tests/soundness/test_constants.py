"""Edits of a cell's own text: constants, literals, operators; and edits that mean nothing."""

from __future__ import annotations

from tests.soundness.harness import hit, miss, table

ROWS = [
    *(
        miss(f"constant {old} to {new}", f"%%step s\nx = {old}", f"%%step s\nx = {new}")
        for old, new in [
            ("1", "1.0"),
            ("1", "True"),
            ("1", '"1"'),
            ("1.0", "True"),
            ("0.0", "-0.0"),
            ('"1"', 'b"1"'),
            ("1", "1j"),
            ("None", "..."),
            ("False", "0"),
            ("(0.12, 3)", "(0.1, 23)"),
            ('("ab", "c")', '("a", "bc")'),
            ("(1, 2)", "[1, 2]"),
            ("((1,), 2)", "((1, 2),)"),
            ("{1: 2}", "{1, 2}"),
            ("{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}"),
            ("10**20", "10**20 + 1"),
            ("'\\u00e9'", "'e\\u0301'"),
            ("7 // 2", "7 / 2"),
            ("1 < 2", "1 <= 1 < 1"),
            ("f'{1}'", "f'{1!r:>3}'"),
            ("-2 ** 2", "(-2) ** 2"),
            ("2 - (1 - 1)", "2 - 1 - 1"),
            ("not (1 and 0)", "(not 1) and 0"),
            ("dict(a=1, b=2)", "dict(b=2, a=1)"),
        ]
    ),
    miss("an assignment order", "%%step s\na = 1; b = a + 1; a = 3", "%%step s\na = 3; b = a + 1"),
    miss(
        "indentation that moves a line",
        "%%step s\nx = 0\nfor i in range(3):\n    x += 1\n    x *= 2",
        ("\n    x *= 2", "\nx *= 2"),
    ),
    hit("a comment", "%%step s\nx = 1", "%%step s\n# one\nx = 1  # two"),
    hit("formatting", "%%step s\nx = [1,\n  2]", "%%step s\nx=[ 1, 2 ]"),
    hit("the style of quotes", "%%step s\nx = 'a'", '%%step s\nx = "a"'),
    hit("parentheses", "%%step s\nx = 1 + 2 * 3", "%%step s\nx = (1 + (2 * 3))"),
    hit("an integer's notation", "%%step s\nx = 1000", "%%step s\nx = 1_000"),
    hit("nothing", "%%step s\nx = 1\nprint(x)\nx"),
    hit(
        "nothing, in new interpreters with other hash seeds",
        "%%step s\nx = {'a', 'b', 'c'}\n# %%\n%%step t\ny = len(x)",
        env={"PYTHONHASHSEED": "1"},
        new_env={"PYTHONHASHSEED": "2"},
        fresh=True,
    ),
    hit("a cell that moved", "%%step a\nx = 1\n# %%\n%%step b\ny = 2", "%%step b\ny = 2\n# %%\n%%step a\nx = 1"),
    hit("resource options", "%%step s cpu=1\nx = 1", "%%step s cpu=2 timeout=1h retries=2\nx = 1"),
    hit("another name of the step", "%%step s\nx = 1", "%%step t\nx = 1"),
]

test_rows = table(ROWS)
