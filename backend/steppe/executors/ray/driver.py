"""The process that is connected to Ray for the kernels of one user: so no kernel imports Ray, or is its driver.

It listens at a socket. Where no address was given, the local Ray is its own, and ends with it: once no kernel is
connected and no attempt is under way. One that is to raise a cluster for a step is that cluster's owner: when it ends,
the cluster does.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import shutil
import socket
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import msgspec
import psutil

from steppe.executors.process.capacity import capacity
from steppe.executors.process.folders import attempts_folder
from steppe.executors.process.start import remove_traces
from steppe.executors.ray.desk import Desk
from steppe.executors.ray.desk_there import GONE, DeskThere
from steppe.executors.ray.ends import said
from steppe.executors.ray.messages import NAMESPACE, Answer, Ask, Batch, Node, Wish
from steppe.executors.ray.raised import RaisedCluster
from steppe.executors.ray.room import workers_for
from steppe.executors.ray.shares import Shares

REACH = 5.0
"""Seconds within which a cluster's head has to take a connection."""

VITAL = frozenset({"raylet", "gcs_server"})
"""Processes of a local Ray without which nothing can run there."""

GROWS = 1.0
"""Seconds between two looks whether there is room for one more worker of its cluster."""

STAYS = 5.0
"""Seconds for which it stays with nothing to do: a kernel that is restarted finds Ray as it was."""

TRACES = (".socket", ".log", ".lock")
"""How the names of a driver's files end."""

LINGER = 0.5
"""Seconds between two looks whether there is anything left to do."""


class Driver:
    """Serves kernels.

    Attributes:
        address: of the cluster; empty for a local Ray, and for one that is yet to be raised.
        cluster: the one that it has raised.
    """

    def __init__(self, path: str, address: str, options: dict[str, Any], wish: Wish | None = None) -> None:
        self.address = address
        self.cluster: RaisedCluster | None = None
        self._wish = wish
        self._waits = ""
        self._shares: Shares | None = None
        self._path = path
        self._options = options
        self._desk: Desk | DeskThere | None = None
        self._ready = asyncio.Event()  # takes the loop that first waits for it
        self._error = ""
        self._kernels: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, listener: socket.socket) -> None:
        """Serve until there is nothing left to do."""
        server = await asyncio.start_unix_server(self._kernel, sock=listener)
        if self._wish is None:
            await self._ready.wait()
        left = time.monotonic()
        while time.monotonic() < left + await self._stays():  # what the desk has ended tells no event
            if self._kernels:
                left = time.monotonic()
            if isinstance(self._desk, Desk):
                self._check()
            await asyncio.sleep(LINGER)
        server.close()
        with contextlib.suppress(OSError):
            os.unlink(self._path)
        if self._wish is not None:  # whatever the other thread is busy with: the reaper ends what there is
            os._exit(0)

    async def _stays(self) -> float:
        """Return for how many seconds it stays after a kernel was last connected."""
        if self._kernels:
            return math.inf
        if self._wish is None:
            return math.inf if await self._under_way() else STAYS
        if not self._ready.is_set():
            return max(self._wish.lease, STAYS)
        return self._wish.lease if await self._under_way() else 0.0

    def connect(self, loop: asyncio.AbstractEventLoop) -> None:
        """Connect to Ray, and have it known. In the main thread: a local Ray ends with the thread that began it."""
        try:
            if self._wish is not None:
                self._raise_up(self._wish, loop)
            self._desk = self._connected()
        except Exception as error:  # Ray raises errors of many kinds
            if self._wish is not None:
                self._error = f"its Ray cluster could not be raised: {said(str(error))}"
            elif self.address:
                self._error = f"no Ray cluster answers at {self.address}: {said(str(error))}"
            else:
                self._error = f"a local Ray could not be started: {said(str(error))}"
        loop.call_soon_threadsafe(self._ready.set)

    def _raise_up(self, wish: Wish, loop: asyncio.AbstractEventLoop) -> None:
        """Wait for what the cluster takes of the machine, and raise it."""

        def tell(what: str) -> None:
            loop.call_soon_threadsafe(self._say_waits, what)

        there = capacity(os.environ)
        workers, missing = workers_for(wish.resources, there)
        if missing:
            raise RuntimeError(missing)
        shares = self._shares = Shares(wish, there, workers)
        shares.take(tell)
        os.chdir(wish.folder)
        self.cluster = RaisedCluster(
            wish.name, tuple(self._path.removesuffix(".socket") + end for end in TRACES), wish.family
        )
        self.cluster.raise_up(workers)
        while (gpus := shares.next()) is not None:
            self.cluster.add(wish.resources, gpus)
        self.address = self.cluster.address

    def grow(self, *, lasts: Callable[[], bool]) -> None:
        """Add workers to its cluster as there is room for them, up to as many as were asked for.

        Args:
            lasts: whether it is still wanted.
        """
        while self._shares is not None and self._shares.left and not self._error and lasts():
            gpus = self._shares.next()
            if gpus is None:
                time.sleep(GROWS)
                continue
            assert self.cluster is not None
            try:
                self.cluster.add(self._shares.asked, gpus)
            except Exception as error:  # the step goes on with those that it has
                sys.stderr.write(f"no more workers: {said(str(error))}\n")
                return

    def _say_waits(self, what: str) -> None:
        self._waits = what
        for kernel in self._kernels:
            _tell(kernel, Answer(waits=what))

    def _connected(self) -> Desk | DeskThere:
        import ray

        if self.address and self.address != "auto":
            host, _, port = self.address.rpartition(":")
            socket.create_connection((host.strip("[]"), int(port)), REACH).close()
        begin = partial(ray.init, namespace=NAMESPACE, log_to_driver=False, logging_level="error")
        if self.address:
            begin(address=self.address)
        else:
            _begin_local(partial(begin, address="local", **self._options))
        return DeskThere() if self.address else Desk(self._check)

    def _check(self) -> None:
        """End where the local Ray has lost one of its own processes: kernels then start another one."""
        import ray

        dead = {kind for kind, _ in ray._private.worker._global_node.dead_processes()}  # noqa: SLF001
        if not dead & VITAL:
            return
        with contextlib.suppress(OSError):
            os.unlink(self._path)
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                process.kill()
        shutil.rmtree(_session(), ignore_errors=True)
        remove_traces(attempts_folder(os.environ))
        os._exit(1)

    async def _under_way(self) -> bool:
        if self._desk is None or (self.address and self._wish is None):
            return False
        try:
            return bool(await self._desk.under_way())
        except Exception:  # it is gone, and its attempts with it
            return False

    # One kernel

    async def _kernel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._kernels.add(writer)
        try:
            self._in_background(self._say_ready(writer))
            while True:
                size = int.from_bytes(await reader.readexactly(4), "little")
                ask = msgspec.msgpack.decode(await reader.readexactly(size), type=Ask)
                self._in_background(self._do(ask, writer))
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            self._kernels.discard(writer)
            writer.close()

    async def _say_ready(self, writer: asyncio.StreamWriter) -> None:
        if self._waits:
            _tell(writer, Answer(waits=self._waits))
        await self._ready.wait()
        raised = self.cluster.address if self.cluster is not None else ""
        _tell(writer, Answer(ready=not self._error, error=self._error, address=raised))

    async def _do(self, ask: Ask, writer: asyncio.StreamWriter) -> None:
        await self._ready.wait()
        if self._error:
            _tell(writer, Answer(id=ask.id, error=self._error))
            return
        try:
            await self._answer(ask, writer)
        except Exception as error:
            gone = type(error).__name__ in GONE
            _tell(writer, Answer(id=ask.id, gone=gone, error="" if gone else f"Ray says: {said(str(error))}"))

    async def _answer(self, ask: Ask, writer: asyncio.StreamWriter) -> None:
        desk = self._desk
        assert desk is not None
        if ask.verb == "launch":
            attempt = await desk.launch(ask.order)
            _tell(writer, Answer(id=ask.id, attempt=attempt))
            await self._follow(desk, ask.id, attempt, 0, writer)
        elif ask.verb == "follow":
            known = await desk.knows(ask.attempt)
            _tell(writer, Answer(id=ask.id, attempt=ask.attempt, gone=not known))
            await self._follow(desk, ask.id, ask.attempt, ask.known, writer)
        elif ask.verb == "cancel":
            await desk.cancel(ask.attempt)
        elif ask.verb == "nodes":
            import ray

            alive = [node["Resources"] for node in ray.nodes() if node["Alive"]]
            _tell(writer, Answer(id=ask.id, nodes=tuple(Node(resources=each) for each in alive)))

    async def _follow(
        self, desk: Desk | DeskThere, number: int, attempt: str, known: int, writer: asyncio.StreamWriter
    ) -> None:
        """Hand on what an attempt tells, to its end."""
        while writer in self._kernels:
            data = await desk.follow(attempt, known)
            if data is None:
                _tell(writer, Answer(id=number, gone=True))
                return
            batch = msgspec.msgpack.decode(data, type=Batch)
            _tell(writer, Answer(id=number, batch=batch))
            await writer.drain()
            known += len(batch.events)
            if batch.end is not None:
                return

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _begin_local(begin: Callable[[], object]) -> None:
    """Start a local Ray; once more where it was too slow: it gives its own agents 15 seconds to come up."""
    import ray

    try:
        begin()
    except Exception as error:  # a plain one
        if "timed out during startup" not in str(error):
            raise
        ray.shutdown()
        begin()


def _tell(writer: asyncio.StreamWriter, answer: Answer) -> None:
    if not writer.is_closing():
        data = msgspec.msgpack.encode(answer)
        writer.write(len(data).to_bytes(4, "little") + data)


def main(descriptor: int, text: str) -> int:
    """Serve the kernels that connect to a socket.

    Args:
        descriptor: the socket, which listens.
        text: as JSON: the socket's `path`, the cluster's `address`, `options` for a local Ray, and the `wish` for a
            cluster of its own.
    """
    told = msgspec.json.decode(text)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if not told["address"]:
        os.environ.pop("RAY_ADDRESS", None)
    wish = msgspec.convert(told["wish"], Wish) if told.get("wish") else None
    driver = Driver(told["socket"], told["address"], told["options"], wish)
    loop = asyncio.new_event_loop()
    serving = threading.Thread(
        target=loop.run_until_complete, args=(driver.serve(socket.socket(fileno=descriptor)),), name="serve"
    )
    serving.start()
    driver.connect(loop)
    driver.grow(lasts=serving.is_alive)
    serving.join()
    if "ray" in sys.modules:
        _leave(bool(told["address"]))
    return 0


def _leave(elsewhere: bool) -> None:
    """Leave the cluster; a local one ends, and nothing of it stays: neither processes nor the folder of its session."""
    import ray

    ours = [] if elsewhere else psutil.Process().children(recursive=True)
    folder = "" if elsewhere else _session()
    ray.shutdown()
    _, left = psutil.wait_procs(ours, timeout=1.0)
    for process in left:  # Ray's agents would go by themselves, in half a minute
        with contextlib.suppress(psutil.Error):
            process.kill()
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
        remove_traces(attempts_folder(os.environ))


def _session() -> str:
    """Return the folder of a local Ray's session."""
    import ray

    return str(ray._private.worker._global_node.get_session_dir_path())  # noqa: SLF001
