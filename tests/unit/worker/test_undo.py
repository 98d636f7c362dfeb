"""What a step did to files, undone."""

import os
import shutil

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


def test_what_is_too_large_to_copy_is_told_where_it_has_changed(tmp_path, monkeypatch):
    monkeypatch.setattr("steppe.worker.undo.LARGEST", 3)
    for name in ("changed.txt", "same.txt"):
        (tmp_path / name).write_text("before")
    undo = Undo()
    undo.keep(str(tmp_path / "changed.txt"))
    undo.keep(str(tmp_path / "same.txt"))
    (tmp_path / "changed.txt").write_text("after it")
    assert undo.restore() == [f"{tmp_path}/changed.txt (too large to keep a copy)"]
    assert undo.restore() == []


def test_what_could_not_be_copied_or_put_back_is_told_and_all_else_is_put_back(tmp_path, monkeypatch):
    paths = [tmp_path / name for name in ("full.txt", "kept.txt", "gone/inner.txt")]
    (tmp_path / "gone").mkdir()
    for path in paths:
        path.write_text("before")
    undo = Undo()
    copy = shutil.copy2
    with monkeypatch.context() as patch:
        patch.setattr("shutil.copy2", lambda *_: os.write(os.open("/dev/full", os.O_WRONLY), b"x"))
        undo.keep(str(paths[0]))
    assert shutil.copy2 is copy
    for path in paths[1:]:
        undo.keep(str(path))
    for path in paths:
        path.write_text("after it")
    shutil.rmtree(tmp_path / "gone")
    (tmp_path / "gone").write_text("a file in the way")
    assert undo.restore() == [f"{paths[0]} (No space left on device)", f"{paths[2]} (Not a directory)"]
    assert paths[1].read_text() == "before"


def snapshot(folder):
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        found[name] = os.readlink(path) if path.is_symlink() else path.is_dir() or path.read_text()
    return found
