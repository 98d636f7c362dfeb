"""Scripts and pages become the cells that a person would have written."""

from pathlib import Path
from textwrap import dedent

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tests.notebooks.corpus.split import code_cells, split


@pytest.fixture
def cut(tmp_path):
    def cut(text: str, kind: str, name: str = "example.py") -> list[tuple[str, str]]:
        file = tmp_path / name
        file.write_text(dedent(text).lstrip("\n"), "utf-8")
        return [(cell.cell_type, cell.source) for cell in split(file, kind).cells]

    return cut


def test_a_gallery_script_is_cut_at_its_comment_blocks(cut):
    script = '''
        """
        Title
        =====
        """
        import math

        # %%
        # Some prose
        # on two lines.

        x = math.pi
        # a comment inside


        y = x
        ##############################
        # More prose.
        print(y)
    '''
    assert cut(script, "gallery") == [
        ("markdown", "Title\n====="),
        ("code", "import math"),
        ("markdown", "Some prose\non two lines."),
        ("code", "x = math.pi\n# a comment inside\n\n\ny = x"),
        ("markdown", "More prose."),
        ("code", "print(y)"),
    ]


def test_a_short_rule_is_no_cut(cut):
    assert len(cut('"""T"""\na = 1\n##########\nb = 2\n', "gallery")) == 2


def test_paragraphs_are_cut_at_blank_lines_between_top_level_statements(cut):
    script = '''
        """Title."""
        import math
        import os

        # about f
        @print
        def f():
            a = 1

            return a
        x = 1

        text = """
        a

        b
        """
        # the end
    '''
    assert cut(script, "paragraphs") == [
        ("markdown", "Title."),
        ("code", "import math\nimport os"),
        ("code", "# about f\n@print\ndef f():\n    a = 1\n\n    return a\nx = 1"),
        ("code", 'text = """\na\n\nb\n"""\n# the end'),
    ]


def test_examples_between_two_pieces_of_prose_are_one_cell(cut):
    page = """
        Prose.

        >>> a = 1
        >>> a
        1

        >>> for i in range(2):
        ...     print(i)
        0
        1

        More prose.

        >>> 1 / 0
        Traceback (most recent call last):
            ...
        ZeroDivisionError: division by zero
        >>> web()  # doctest: +SKIP
        >>> a + 1
        2
    """
    assert cut(page, "doctest", "page.rst") == [
        ("markdown", "Prose."),
        ("code", "a = 1\na\nfor i in range(2):\n    print(i)"),
        ("markdown", "More prose."),
        ("code", "a + 1"),
    ]


def test_commented_magics_become_magics(cut):
    script = """
        # %% [markdown]
        # prose

        # %%
        # %time x = 1
        # lines = !echo a

        # %% tags=["raises-exception"]
        1 / 0
    """
    assert cut(script, "percent") == [
        ("markdown", "prose"),
        ("code", "%time x = 1\nlines = !echo a"),
        ("code", "1 / 0"),
    ]


def test_a_percent_cell_keeps_its_tags(tmp_path):
    file = tmp_path / "tagged.py"
    file.write_text('# %% tags=["raises-exception"]\n1 / 0\n')
    assert split(file, "percent").cells[0].metadata == {"tags": ["raises-exception"]}


def test_a_notebook_loses_its_outputs_and_counts(tmp_path):
    cell = new_code_cell(
        "1", outputs=[new_output("stream", text="old")], execution_count=7, metadata={"scrolled": True}
    )
    nbformat.write(new_notebook(cells=[cell]), tmp_path / "old.ipynb")
    (found,) = split(tmp_path / "old.ipynb", "notebook").cells
    assert (found.source, found.outputs, found.execution_count, dict(found.metadata)) == ("1", [], None, {})


def test_cell_ids_do_not_change_from_one_cut_to_the_next(tmp_path):
    file = tmp_path / "example.py"
    file.write_text("a = 1\n\nb = 2\n")
    first, second = (split(file, "paragraphs") for _ in range(2))
    assert first == second
    assert [cell.id for cell in code_cells(first)] == ["cell-000", "cell-001"]


def test_every_own_notebook_can_be_cut():
    from tests.notebooks.corpus.entry import own_entries

    entries = own_entries()
    assert len(entries) >= 25
    for entry in entries:
        assert len(code_cells(split(Path(entry.file()), "percent"))) >= 5, entry.path
