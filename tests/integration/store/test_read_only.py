"""A store that may not be written: all that is in it can be read, and writing says what to do."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from steppe.errors import CorruptArtifact, StoreUnavailable
from steppe.store import LocalStore
from steppe.store.verified import Fingerprint
from steppe.testing.store import digest_of, some_bytes
from steppe.testing.store_damage import DAMAGES

SMALL, LARGE, DAMAGED = some_bytes(100, 1), some_bytes(3 << 20, 2), some_bytes(400_000, 3)


def fill(root):
    store = LocalStore(root)
    for data in (SMALL, LARGE, DAMAGED):
        store.put([data])
    store.write_record("attempts/1/result", b"done")
    path = Path(store.path(digest_of(DAMAGED)))
    os.chmod(path, 0o644)
    path.write_bytes(DAMAGES["flipped"](DAMAGED))
    shutil.rmtree(root / "verified")


def use(root):
    """Read all, and be refused all else."""
    later = time.time_ns() + 10 * 10**9
    store = LocalStore(root, clock=lambda: later)
    for data in (SMALL, LARGE, LARGE):
        assert store.get(digest_of(data)) == data
    path = store.path(digest_of(LARGE))
    assert store._verified.knows(digest_of(LARGE), Fingerprint.of(os.stat(path)))
    with pytest.raises(CorruptArtifact, match="left in place"):
        store.get(digest_of(DAMAGED))
    assert store.read_record("attempts/1/result") == b"done"
    assert list(store.records()) == ["attempts/1/result"]
    assert len(list(store.blobs())) == 3
    for write in (
        lambda: store.put([b"new"]),
        lambda: store.put([SMALL]),
        lambda: store.put([LARGE]),
        lambda: store.delete(digest_of(SMALL)),
        lambda: store.write_record("new", b""),
        lambda: store.replace_record("attempts/1/result", b""),
        lambda: store.delete_record("attempts/1/result"),
    ):
        with pytest.raises(StoreUnavailable, match=r"give yourself the right to, or set another one as `store`"):
            write()
    assert store.get(digest_of(SMALL)) == SMALL


def test_a_read_only_file_system(tmp_path):
    """Only root may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "none", place], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip(
            f"no disk can be mounted here ({mounted.stderr.decode().splitlines()[0]}): the next test shows the same"
        )
    try:
        fill(place / "store")
        subprocess.run(["mount", "-o", "remount,ro", place], check=True)
        use(place / "store")
    finally:
        subprocess.run(["umount", place], check=True)


def test_folders_that_may_not_be_written_to():
    """As somebody else than root, who may always write."""
    place = Path(tempfile.mkdtemp())
    try:
        os.chmod(place, 0o755)
        fill(place / "store")
        for folder, _, _ in os.walk(place / "store"):
            os.chmod(folder, 0o555)
        child = os.fork()
        if child == 0:
            try:
                with contextlib.suppress(PermissionError):  # then this is no almighty root, nor anybody like that
                    os.setuid(65534)
                use(place / "store")
                os._exit(0)
            finally:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        for folder, _, _ in os.walk(place):
            os.chmod(folder, 0o755)
        shutil.rmtree(place)
