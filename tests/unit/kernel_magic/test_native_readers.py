"""Readers in native code: names from before Steppe was loaded are watched, and errors look as they do without it."""

import re

import pytest

READ = "x = read_csv(''.join(['a', '.csv'])).item()\nx"


def test_a_reader_that_was_imported_before_steppe_was_loaded_is_seen(notebook):
    for content, state in (("1", "succeeded"), ("1", "hit"), ("2", "succeeded")):
        notebook.close()
        notebook.shell.reset(new_session=False)
        (notebook.folder / "a.csv").write_text(f"a\n{content}\n")
        notebook.run("from polars import read_csv\nimport polars")
        notebook.shell.user_ns["__session__"] = str(notebook.folder / "book.ipynb")
        notebook.shell.extension_manager.load_extension("steppe")
        assert content in notebook.run(f"%%step read\n{READ}")
        assert notebook.states == [state], notebook.why
        assert notebook.run("read_csv is polars.read_csv").strip().endswith("True")


@pytest.mark.parametrize("step", ["# a cell", "%%step read", "%%step read on=process"])
def test_the_error_of_a_reader_shows_no_frame_of_ours(notebook, step):
    cell = "\nfrom polars import read_csv\nread_csv('none.csv')"
    notebook.close()
    plain = notebook.run(f"# a cell{cell}")
    notebook.restart()
    found = notebook.run(f"{step}{cell}")
    assert frames(found) == frames(plain)
    assert len(frames(found)) > 1
    assert "No such file" in found


def frames(text):
    """Return the places that a traceback names, without execution counts."""
    text = re.sub(r"In\[\d+\]", "In", text)
    return re.findall(r"^File \S+|^Cell In, line \d+", text, re.MULTILINE)
