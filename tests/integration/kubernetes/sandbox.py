"""A container as a local process: its own mounts, host name and process ids, and nothing of ours to lean on."""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path

UNSHARE = ("unshare", "-m", "-u", "-p", "-f")
STAGE = "/mnt"
"""Where the sources of mounts are kept while their targets may cover them."""


@cache
def possible():
    """Tell whether this machine lets us make such processes."""
    if shutil.which("unshare") is None or os.geteuid() != 0:
        return False
    return subprocess.run([*UNSHARE, "true"], check=False).returncode == 0


class Container:
    """One running container.

    Attributes:
        process: what `unshare` runs in; it ends as the container does.
        log: what the container has written.
    """

    def __init__(self, name, argv, environ, mounts, log, readonly=()):
        """Start it.

        Args:
            name: the host name.
            argv: the command.
            environ: all of its environment.
            mounts: pairs of a folder here and where it is in the container.
            log: the file that takes what it writes.
            readonly: those of the targets that are read-only.
        """
        self.log = Path(log)
        self.killed = False
        lines = ["set -e", "mount --make-rprivate /", f"hostname {shlex.quote(name)}", f"mount -t tmpfs none {STAGE}"]
        for number, (source, _) in enumerate(mounts):
            lines += [f"mkdir {STAGE}/{number}", f"mount --bind {shlex.quote(str(source))} {STAGE}/{number}"]
        for number, (_, target) in enumerate(mounts):
            quoted = shlex.quote(str(target))
            lines += [f"mkdir -p {quoted}", f"mount --bind {STAGE}/{number} {quoted}"]
            if target in readonly:
                lines.append(f"mount -o remount,bind,ro {quoted}")
        lines += [f"umount -l {STAGE}", "cd /", 'exec "$@"']
        inside = ["env", "-i", *(f"{key}={value}" for key, value in environ.items()), *argv]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [*UNSHARE, "--kill-child", "--mount-proc", "sh", "-c", "\n".join(lines), "sh", *inside],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def first(self):
        """The container's first process, as it is called out here; None before there is one, and after it."""
        try:
            children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        except OSError:
            return None
        return int(children[0]) if children else None

    def signal(self, number):
        first = self.first
        if first is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(first, number)

    def kill(self):
        """End it at once, with all that it has started."""
        self.killed = True
        self.signal(signal.SIGKILL)
        if self.process.poll() is None and self.first is None:
            self.process.kill()

    def memory(self):
        """Return the bytes resident of all its processes."""
        todo, found = [self.first], 0
        while todo:
            pid = todo.pop()
            if pid is None:
                continue
            try:
                found += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
                todo += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
            except (OSError, IndexError):
                continue
        return found

    def wait(self):
        """Wait for its end; return the exit code as a container runtime gives it."""
        code = self.process.wait()
        if self.killed:  # `unshare` can't end by the signal that its child did
            return 128 + signal.SIGKILL
        return 128 - code if code < 0 else code


PYTHON = Path(sys.executable).parent
"""What is first in a container's PATH: the interpreter that an image of ours would have."""
