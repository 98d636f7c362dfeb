"""A process that has the imports of a kernel, or of the command line, behind it, and forks one for whoever asks.

`python -m tests.notebooks.corpus.forkserver kernel|command SOCKET`. Each child is a real kernel, or runs the real
`steppe` command, with the environment, the folder and the streams of the process that asked (`forkclient.py`); what it
saves is the time that their imports take, which is most of what a small notebook costs. It dies with who asked.
"""

from __future__ import annotations

import array
import importlib
import json
import os
import signal
import socket
import sys
import threading
import traceback
from typing import Any


def serve(kind: str, place: str) -> None:
    """Fork a child for each connection, until the process that started this one is gone."""
    _import(kind)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(place)
    server.listen(16)
    server.settimeout(5)
    parent = os.getppid()
    while os.getppid() == parent:
        _reap()
        try:
            connection, _ = server.accept()
        except TimeoutError:
            continue
        connection.setblocking(True)
        if os.fork() == 0:
            server.close()
            _child(kind, connection)
        connection.close()


MODULES = {
    "kernel": ("ipykernel.ipkernel", "ipykernel.kernelapp", "ipykernel.zmqshell"),
    "command": ("nbclient", "papermill", "steppe.cli.run", "steppe.notebooks.papermill_engine", "steppe.notebooks.run"),
}
"""What is loaded before the fork: no more than a kernel has loaded before its first cell.

Matplotlib, above all, settles its backend when it is imported: loaded here, every figure would go to Agg, unseen.
"""


def _import(kind: str) -> None:
    for name in ("steppe.catalog", "steppe.engine.resolve", "steppe_magic.extension", *MODULES[kind]):
        importlib.import_module(name)


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _child(kind: str, connection: socket.socket) -> None:
    """Become what was asked for, tell how it ended, and exit."""
    code = 1
    try:
        asked = _receive(connection)
        os.setsid()
        connection.sendall(b"%d\n" % os.getpid())
        threading.Thread(target=_die_with, args=(connection,), daemon=True).start()
        os.environ.clear()
        os.environ.update(asked["env"])
        os.chdir(asked["cwd"])
        code = _kernel(asked["argv"]) if kind == "kernel" else _command(asked["argv"])
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        _finish(code, connection)


def _receive(connection: socket.socket) -> dict[str, Any]:
    """Take the streams and the request of who asked."""
    descriptors = array.array("i")
    data, ancillary, _, _ = connection.recvmsg(1 << 20, socket.CMSG_SPACE(3 * descriptors.itemsize))
    for _, _, part in ancillary:
        descriptors.frombytes(part)
    while not data.endswith(b"\n"):
        data += connection.recv(1 << 20)
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    return json.loads(data)


def _die_with(connection: socket.socket) -> None:
    """End at once when who asked has ended."""
    connection.recv(1)
    os._exit(1)


def _kernel(argv: list[str]) -> int:
    from ipykernel.kernelapp import IPKernelApp

    os.environ["JPY_PARENT_PID"] = str(os.getppid())
    os.environ.pop("JUPYTER_PATH", None)  # names this server's folder, another one in each run of the corpus
    argv = [*argv, f"--IPKernelApp.parent_handle={os.getppid()}"]
    sys.argv = ["ipykernel_launcher.py", *argv]
    sys.path[:] = [path for path in sys.path if path not in ("", os.environ.get("CORPUS_ROOT", ""))]
    IPKernelApp.launch_instance()
    return 0


def _command(argv: list[str]) -> int:
    from steppe.cli import main

    sys.argv = ["steppe", *argv]
    main()
    return 0


def _finish(code: int, connection: socket.socket) -> None:
    import atexit

    try:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        connection.sendall(b"%d" % code)
        os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2])
