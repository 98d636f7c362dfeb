"""Processes that run a function: forked, since starting sixteen interpreters would take longer than what they do."""

import os
import signal
import sys
import traceback
from collections.abc import Callable


class Child:
    """A forked process that runs `work(tell, …)`; what it tells, and what it fails with, is read here."""

    def __init__(self, work: Callable[..., None], *arguments: object) -> None:
        self._told, telling = os.pipe()
        self._status: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            status = 1
            try:
                os.close(self._told)
                work(lambda words: os.write(telling, f"{words}\n".encode()), *arguments)
                status = 0
            except BaseException:
                os.write(telling, traceback.format_exc().encode())
            finally:
                sys.stdout.flush()
                os._exit(status)
        os.close(telling)

    def line(self) -> str:
        """Wait for the next line that it tells."""
        read = b""
        while not read.endswith(b"\n"):
            byte = os.read(self._told, 1)
            if not byte:
                break
            read += byte
        return read.decode().rstrip("\n")

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def end(self) -> list[str]:
        """Wait for its end, and return the other lines that it told, but for one that it was interrupted in."""
        read = b""
        while block := os.read(self._told, 1 << 16):
            read += block
        os.close(self._told)
        self._status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        if self._status > 0:
            raise AssertionError(read.decode())
        return read.decode().split("\n")[:-1]


def all_succeed(children: list[Child]) -> None:
    """Wait for all, and fail with what the first one that failed has told."""
    failures = []
    for child in children:
        try:
            child.end()
        except AssertionError as error:
            failures.append(error)
    assert not failures, failures[0]
