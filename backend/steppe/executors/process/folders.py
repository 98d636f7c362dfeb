"""Where this machine's processes meet: the folder of the slots, shared by all users, and this user's of the attempts.

An attempt's folder holds `launch` (the server that is to fork its worker), `worker` (the process, once there is one),
`events` (what it tells, appended to), `wake` (a pipe with a byte for each event), `cancel` (once it is to end) and, at
last, `end` (how it ended).
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping

import msgspec

from steppe.errors import UsageError
from steppe.types import Struct

SHARED_MEMORY = "/dev/shm"  # noqa: S108  # the one folder that all processes of a Linux machine agree on


class ProcessId(Struct, frozen=True, kw_only=True):
    """A process, told from a later one with the same pid by when it was started."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> ProcessId:
        """Return the identity of a process that lives."""
        return cls(pid=pid, started=started(pid))

    @property
    def alive(self) -> bool:
        """Whether it lives (one that has ended and was not yet asked for its end does not)."""
        return bool(self.started) and started(self.pid) == self.started


def started(pid: int) -> str:
    """Return when a process was started, in the system's own words; empty where it does not live."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return _started_elsewhere(pid) if not os.path.isdir("/proc/self") else ""
    return "" if fields[0] in "ZX" else fields[19]


def _started_elsewhere(pid: int) -> str:
    import psutil

    try:
        process = psutil.Process(pid)
        return "" if process.status() == psutil.STATUS_ZOMBIE else str(process.create_time())
    except psutil.Error:
        return ""


def slots_folder(environ: Mapping[str, str]) -> str:
    """Return the folder of the machine's slots, made where it is missing; every user can use it.

    Raises:
        UsageError: there is something else in its place.
    """
    above = environ.get("STEPPE_MACHINE") or (
        SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else tempfile.gettempdir()
    )
    folder = os.path.join(above, "steppe-slots")
    try:
        os.mkdir(folder)
        os.chmod(folder, 0o1777)  # noqa: S103  # as /tmp: every user may add, and remove what is theirs
    except FileExistsError:
        _check(folder, mine=False)
    return folder


def attempts_folder(environ: Mapping[str, str]) -> str:
    """Return the folder of this user's attempts, made where it is missing; nobody else can look into it.

    Raises:
        UsageError: there is something else in its place.
    """
    above = environ.get("STEPPE_MACHINE") or tempfile.gettempdir()
    folder = os.path.join(above, f"steppe-{os.geteuid()}")
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        _check(folder, mine=True)
    return folder


def _check(folder: str, *, mine: bool) -> None:
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode) or (mine and (found.st_uid != os.geteuid() or found.st_mode & 0o077)):
        raise UsageError(
            f"{folder} is in the way: it is not a folder of yours alone. Remove it, or set STEPPE_MACHINE to a folder "
            "for what the processes of this machine share."
        )


def attempts(folder: str) -> Iterator[AttemptFolder]:
    """Iterate over the folders of attempts that there are."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False) and os.path.exists(os.path.join(entry.path, "launch")):
                yield AttemptFolder(entry.path)


REMOVALS = 100
"""How often the removal of a folder is tried while something is still written into it."""


class AttemptFolder:
    """The folder of one attempt.

    Attributes:
        path: where it is; this is the attempt's handle.
    """

    def __init__(self, path: str) -> None:
        self.path = path

    def make(self, launcher: ProcessId) -> None:
        """Make the folder, with a pipe to be woken by."""
        os.mkdir(self.path, 0o700)
        os.mkfifo(self.of("wake"), 0o600)
        self.write("launch", launcher)

    def of(self, name: str) -> str:
        """Return the path of one of its files."""
        return f"{self.path}/{name}"

    @property
    def there(self) -> bool:
        """Whether it is (still) there."""
        return os.path.isdir(self.path)

    def write(self, name: str, record: Struct) -> None:
        """Write a record whole, or not at all."""
        fresh = self.of(f"{name}.new")
        with open(fresh, "wb") as file:
            file.write(msgspec.json.encode(record))
        os.rename(fresh, self.of(name))

    def note_cancelled(self) -> None:
        """Write down that it is to end."""
        with contextlib.suppress(FileNotFoundError), open(self.of("cancel"), "wb"):
            return

    @property
    def cancelled(self) -> bool:
        """Whether it is to end."""
        return os.path.exists(self.of("cancel"))

    def process(self, name: str) -> ProcessId | None:
        """Return the process that `launch` or `worker` names."""
        try:
            with open(self.of(name), "rb") as file:
                return msgspec.json.decode(file.read(), type=ProcessId)
        except FileNotFoundError:
            return None

    def open_events(self) -> int:
        """Open its events for appending."""
        return os.open(self.of("events"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def open_wake(self) -> int:
        """Open its pipe so that neither end ever waits for the other."""
        return os.open(self.of("wake"), os.O_RDWR | os.O_NONBLOCK)

    def abandoned(self, before: float) -> bool:
        """Tell whether nothing runs in it any more, and nothing has changed there since `before`."""
        try:
            with os.scandir(self.path) as entries:
                changed = max([entry.stat(follow_symlinks=False).st_mtime for entry in entries], default=0.0)
            changed = max(changed, os.stat(self.path).st_mtime)
            there = [process for process in map(self.process, ("launch", "worker")) if process is not None]
        except OSError:  # it is being removed
            return False
        over = os.path.exists(self.of("end"))
        live = any(process.alive for process in (there[1:] if over else there))
        return bool(there) and changed < before and not live

    def remove(self) -> None:
        """Remove it with all that is in it, though a process that is about to end still writes there."""
        for _ in range(REMOVALS):
            try:
                for entry in list(os.scandir(self.path)):
                    with contextlib.suppress(FileNotFoundError):  # renamed meanwhile, as a record is once it is whole
                        os.unlink(entry.path)
                os.rmdir(self.path)
            except FileNotFoundError:
                return
            except OSError as error:
                if error.errno != errno.ENOTEMPTY:
                    raise
            else:
                return
