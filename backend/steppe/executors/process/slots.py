"""Slots: leases of the machine's cores, memory and devices, for all kernels and users of the machine together.

One file for each holder, in one folder, locked by the worker for as long as it lives; the system lets go of the lock
when the process ends, however it ends. A file that nobody has locked holds nothing. What a holder has is
written in its file, and is only read and written under the lock of the ledger. Who asks first is served first: those
who wait for a device stand in one line, those who wait for cores and memory in another, and a holder of a core never
waits for a device.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import time
from collections.abc import Callable, Iterator

import msgspec

from steppe.executors.process.capacity import Capacity
from steppe.types import Resources, Struct
from steppe.worker.cgroups import said

FIRST_PAUSE, LAST_PAUSE = 0.001, 0.05
"""Seconds between two looks at the ledger, at first and in the long run."""


class Holder(Struct, frozen=True, kw_only=True):
    """What one worker holds.

    Attributes:
        pid: the worker.
        label: words for people: the step.
        cpu: cores.
        memory: bytes.
        gpus: devices.
    """

    pid: int
    label: str = ""
    cpu: float = 0.0
    memory: int = 0
    gpus: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """The holder in words."""
        return f"`{self.label}` (pid {self.pid})" if self.label else f"pid {self.pid}"


class Lease:
    """Slots held until this process ends, or lets go of them.

    Attributes:
        holder: what is held.
    """

    def __init__(self, folder: str, label: str) -> None:
        self.holder = Holder(pid=os.getpid(), label=label)
        self._path = f"{folder}/{os.getpid()}-{secrets.token_hex(4)}.holder"
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
        os.fchmod(self._file, 0o644)  # whatever the umask: the other users' processes are to see it
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def write(self, holder: Holder) -> None:
        """Write down what is held; under the ledger's lock."""
        self.holder = holder
        data = msgspec.json.encode(holder)
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, data, 0)

    def release(self) -> None:
        """Let go."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)
        os.close(self._file)


class Ledger:
    """The slots of one machine.

    Attributes:
        folder: where the holders' files are.
        capacity: what there is.
    """

    def __init__(self, folder: str, capacity: Capacity) -> None:
        self.folder = folder
        self.capacity = capacity

    def take(self, asked: Resources, label: str, tell: Callable[[str], None]) -> Lease:
        """Wait until there is what is asked for, and hold it.

        Args:
            asked: what to hold.
            label: words for people: the step.
            tell: called with what it waits for, in words, when that changes; with nothing once it waits no more.
        """
        with self._locked("ledger"):
            lease = Lease(self.folder, label)
        try:
            if asked.gpu:
                self._wait("devices", lambda: self._take_gpus(lease, asked.gpu), tell)
            if asked.cpu or asked.memory:
                self._wait("cores", lambda: self._take_cores(lease, asked), tell)
        except BaseException:
            lease.release()
            raise
        return lease

    def take_if_free(self, asked: Resources, label: str) -> Lease | None:
        """Hold what is asked for where it is free and nobody waits for the same; else None, without waiting.

        Args:
            asked: what to hold.
            label: words for people: the step.
        """
        lines = (["devices"] if asked.gpu else []) + (["cores"] if asked.cpu or asked.memory else [])
        if not all(map(self._free, lines)):
            return None
        with self._locked("ledger"):
            lease = Lease(self.folder, label)
        if (asked.gpu and self._take_gpus(lease, asked.gpu)) or ("cores" in lines and self._take_cores(lease, asked)):
            lease.release()
            return None
        return lease

    def holders(self) -> list[Holder]:
        """Return who holds what."""
        with self._locked("ledger"):
            return list(self._holders())

    def _wait(self, line: str, attempt: Callable[[], str], tell: Callable[[str], None]) -> None:
        """Stand in a line; at its head, try until it works."""
        told, pause = "", FIRST_PAUSE
        if not self._free(line):
            told = "its turn: others wait for the same"
            tell(told)
        with self._locked(line):
            while why := attempt():
                if why != told:
                    tell(why)
                    told = why
                time.sleep(pause)
                pause = min(pause * 1.5, LAST_PAUSE)
        if told:
            tell("")

    def _take_gpus(self, lease: Lease, count: int) -> str:
        with self._locked("ledger"):
            held = {gpu: holder for holder in self._holders() for gpu in holder.gpus}
            free = [gpu for gpu in self.capacity.gpus if gpu not in held]
            if len(free) >= count:
                lease.write(msgspec.structs.replace(lease.holder, gpus=tuple(free[:count])))
                return ""
        wanted = "a free GPU" if count == 1 else f"{count} free GPUs"
        by = sorted({held[gpu].said for gpu in self.capacity.gpus if gpu in held})
        return f"{wanted}: held by {', '.join(by)}"

    def _take_cores(self, lease: Lease, asked: Resources) -> str:
        memory = asked.memory or 0
        with self._locked("ledger"):
            others = [holder for holder in self._holders() if holder.cpu or holder.memory]
            cpu_left = self.capacity.cpu - sum(holder.cpu for holder in others)
            memory_left = self.capacity.memory - sum(holder.memory for holder in others)
            lacks_cpu, lacks_memory = asked.cpu > cpu_left + 1e-9, memory > memory_left
            if not others or not (lacks_cpu or lacks_memory):
                lease.write(msgspec.structs.replace(lease.holder, cpu=asked.cpu, memory=memory))
                return ""
        wanted = f"{asked.cpu:g} free core{'s'[: asked.cpu != 1]}" if lacks_cpu else f"{said(memory)} of memory"
        by = sorted(holder.said for holder in others if (holder.cpu if lacks_cpu else holder.memory))
        return f"{wanted}: held by {', '.join(by)}"

    def _holders(self) -> Iterator[Holder]:
        for entry in os.scandir(self.folder):
            if entry.name.endswith(".holder"):
                holder = _holder(entry.path)
                if holder is not None:
                    yield holder

    def _free(self, line: str) -> bool:
        """Tell whether nobody stands in a line."""
        file = self._open(line)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(file)
        return True

    @contextlib.contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        file = self._open(name)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)

    def _open(self, name: str) -> int:
        """Open a lock; one that another user has made can be locked, not written."""
        path = f"{self.folder}/{name}.lock"
        try:
            return os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            fresh = f"{path}.{os.getpid()}"
            file = os.open(fresh, os.O_RDONLY | os.O_CREAT, 0o644)
            os.fchmod(file, 0o644)
            os.close(file)
            with contextlib.suppress(FileExistsError):
                os.link(fresh, path)
            os.unlink(fresh)
            return os.open(path, os.O_RDONLY)


def _holder(path: str) -> Holder | None:
    """Return what a file's holder holds; None, and the file removed, where its process has ended."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return msgspec.json.decode(os.read(file, 1 << 16) or b'{"pid":0}', type=Holder)
        with contextlib.suppress(OSError):  # another user's: it stays, and holds nothing
            os.unlink(path)
        return None
    except msgspec.MsgspecError:
        return None
    finally:
        os.close(file)
