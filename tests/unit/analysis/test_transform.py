"""IPython's transforms: the short cut gives what IPython gives, and `%%step` is found where IPython would find it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager

from steppe.analysis import transform

CELLS = [
    "",
    "x = 1",
    "x = 1\n",
    "\n\nx = 1",
    "  \n\t\nx = 1",
    "    x = 1\n    y = 2",
    "%time f(x)",
    "%%time\nx = 1\ny = 2",
    "\n%%time\nx = 1",
    "!ls {x}",
    "y = !ls $x",
    "z = %time f()",
    "if a:\n    %cd b\n    !ls",
    "x?",
    "x.y??",
    "?x",
    ">>> x = 1\n>>> y",
    "In [1]: x = 1\n   ...: y",
    "s = '''\n   \n%time\n'''",
    's = """\n>>> x\n"""',
    "x = (1\n%  2)",
    "a = b \\\n% c",
    "/f a b",
    ",f a b",
    ";f a b",
    "x = 1;",
    "def f(:",
    "(",
    "x = '",
    "a\x0cb = 1",
    "x = 1\r\ny = 2\r\n",
    "x = 1\ry = 2",
    "s = '\u2028'",
    "# only\n# comments",
    "x[...:1]",
    "print('...: x')",
    "async with a: pass",
    "x = 1\n\n\n",
    "if x:\n    y\n    \nz",
    "%%bash\nls",
    "%%capture out\nx",
    "%matplotlib inline\nimport x",
    "get_ipython().system('ls')",
]


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_becomes_what_ipython_makes_of_it(cell):
    assert transform.to_python(cell) == TransformerManager().transform_cell(cell)


def test_real_modules_are_transformed_alike():
    for path in sorted(Path(ast.__file__).parent.glob("[a-c]*.py"))[:12]:
        text = path.read_text("utf-8")[:6000]
        assert transform.to_python(text) == TransformerManager().transform_cell(text)


_pieces = st.sampled_from(
    [
        "x = 1",
        "\n",
        "%time y",
        "!ls",
        "    ",
        "'''",
        '"',
        "def f():",
        "\t",
        "if a:",
        ">>> ",
        "...",
        "?",
        ";",
        "# c",
        "(",
        ")",
        "\\",
        "%%x",
        "\r",
        "a",
    ]
)


@settings(max_examples=600, deadline=None)
@given(st.lists(_pieces, max_size=12).map("".join))
def test_any_text_is_transformed_as_by_ipython(cell):
    try:
        wanted = TransformerManager().transform_cell(cell)
    except SyntaxError:
        with pytest.raises(SyntaxError):
            transform.to_python(cell)
        return
    assert transform.to_python(cell) == wanted


@pytest.mark.parametrize(
    ("cell", "line", "body"),
    [
        ("%%step", "", "\n"),
        ("%%step\nx = 1", "", "\nx = 1\n"),
        ("%%step train gpu=1\nx = 1\n", "train gpu=1", "\nx = 1\n"),
        ("%%step   train  \nx", "train", "\nx\n"),
        ("\n\n%%step a\nx", "a", "\n\n\nx\n"),
        ("  \n%%step a\nx", "a", "\n\nx\n"),
        ("    %%step a\n    x", "a", "\nx\n"),
        ("%%step a\n\nx", "a", "\n\nx\n"),
        ("%%step a\n%%time\nx", "a", "\n%%time\nx\n"),
    ],
)
def test_a_step_is_split_with_its_line_numbers_kept(cell, line, body):
    assert transform.split_step(cell) == (line, body)


@pytest.mark.parametrize(
    "cell",
    [
        "x = 1",
        "# first\n%%step a\nx",
        "%%step?",
        "%%steppe\nx",
        "%%steps a\nx",
        "%step a",
        "%%step\ta",
        "x\n%%step",
        "'%%step'",
        "",
    ],
)
def test_what_ipython_would_not_hand_to_step_is_no_step(cell):
    assert transform.split_step(cell) is None


def test_ipython_agrees_on_what_is_a_step():
    for cell in ("%%step a\nx", "\n %%step\nx", "%%step?", "# c\n%%step\nx", "%%step\ta\nx", "%%steppe\nx"):
        try:
            python = TransformerManager().transform_cell(cell)
        except SyntaxError:
            python = ""
        assert (transform.split_step(cell) is not None) == python.startswith("get_ipython().run_cell_magic('step',")


@pytest.mark.parametrize(
    ("body", "python"),
    [
        ("\n\nx = 1", "\n\nx = 1\n"),
        ("\n  \nx = 1", "\n\nx = 1\n"),
        ("\n%%time\nx\n", "\nget_ipython().run_cell_magic('time', '', 'x\\n')\n"),
        ("\n", "\n"),
        ("", ""),
        ("\n!ls", "\nget_ipython().system('ls')\n"),
    ],
)
def test_a_body_keeps_the_lines_before_it(body, python):
    assert transform.to_body(body) == python


@pytest.mark.parametrize(
    ("cell", "silent"),
    [
        ("x;", True),
        ("x; # shown", True),
        ("x;\n\n# end\n", True),
        ("x", False),
        ("x  # a;", False),
        ("';'", False),
        ("a; b", False),
        ("(x);", True),
        ("", False),
    ],
)
def test_a_semicolon_at_the_end_silences(cell, silent):
    assert transform.ends_silent(cell) is silent
