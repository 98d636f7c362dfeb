"""Workers that wait before they leave their record: the moment between a stored result and its record, made long."""

import os
import signal
import time

MODULE = """
import os
import time

from steppe.store.local import LocalStore

HOLD = {hold!r}
write_record = LocalStore.write_record


def held(self, name, data):
    if os.path.exists(HOLD):
        with open(HOLD + ".new", "w") as file:
            file.write(str(os.getpid()))
        os.rename(HOLD + ".new", HOLD + ".pid")
        while os.path.exists(HOLD):
            time.sleep(0.005)
    return write_record(self, name, data)


LocalStore.write_record = held
"""
"""A module that the fork server imports, and its kernel does not."""

SETTINGS = '[tool.steppe]\npreload = ["late_records"]\n'
"""A project's settings that name the module."""


class Late:
    """Lets the workers of a project wait, and go on.

    Attributes:
        folder: what `sys.path` has to hold.
    """

    def __init__(self, folder):
        self.folder = folder
        self._hold = folder / "hold"
        (folder / "late_records.py").write_text(MODULE.format(hold=str(self._hold)))
        self._hold.touch()

    def worker(self, seconds=30):
        """Wait until a worker has told what its record will say, and return its process."""
        told = self._hold.with_name("hold.pid")
        until = time.monotonic() + seconds
        while not told.exists():
            assert time.monotonic() < until, "no worker has come to leave its record"
            time.sleep(0.005)
        return int(told.read_text())

    def kill(self):
        """Kill the worker that waits."""
        os.kill(self.worker(), signal.SIGKILL)

    def go_on(self):
        """Let it write its record."""
        self._hold.unlink(missing_ok=True)
