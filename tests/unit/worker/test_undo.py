"""What a step did to files, undone."""

import os

from steppe.worker.trace import tracing
from steppe.worker.undo import Undo


def test_files_and_folders_are_as_they_were(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.txt").write_text("old")
    (tmp_path / "gone.txt").write_text("gone")
    (tmp_path / "more.txt").write_text("one\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inner.txt").write_text("inner")
    os.symlink("old.txt", "link.txt")
    before = snapshot(tmp_path)
    undo = Undo()
    with tracing() as trace:
        trace.before_writing = undo.keep
        (tmp_path / "old.txt").write_text("new")
        with open("more.txt", "a") as more:
            more.write("two\n")
        os.remove("gone.txt")
        os.remove("link.txt")
        os.makedirs("made/deep")
        (tmp_path / "made" / "deep" / "file.txt").write_text("x")
        os.rename("folder/inner.txt", "moved.txt")
        os.rmdir("folder")
    assert snapshot(tmp_path) != before
    undo.restore()
    assert snapshot(tmp_path) == before


def test_what_is_flushed_late_is_not_in_the_file(tmp_path):
    path = tmp_path / "late.txt"
    path.write_text("before")
    undo = Undo()
    with tracing() as trace:
        trace.before_writing = undo.keep
        late = open(path, "a")  # noqa: SIM115  # it is to be closed too late
        late.write(" and after")
    undo.restore()
    late.close()
    assert path.read_text() == "before"


def snapshot(folder):
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        found[name] = os.readlink(path) if path.is_symlink() else path.is_dir() or path.read_text()
    return found
