"""What changes in a namespace, told to whoever follows an attempt there: one list and one watch for each kind."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

from steppe.errors import SteppeError
from steppe.executors.kubernetes.cluster import Cluster, Cut, Refused, path_of
from steppe.executors.kubernetes.names import SELECTOR
from steppe.worker.trace import unnoticed

ROUND = 50
"""Seconds after which a watch is begun anew where it stood: what is cut without a word is noticed soon."""

SLACK = 20.0
"""Seconds beyond a round after which a silent connection is taken for dead."""

FIRST_PAUSE, LAST_PAUSE = 0.05, 5.0
"""Seconds between two tries where the server does not answer, at first and in the long run."""

KINDS = ("jobs", "pods")

Listener = Callable[[str, dict[str, Any] | None, bool], None]
"""Told of a kind, an object of it that has changed, and whether it is gone; of None where there is none at all."""


class Watch:
    """Watches one namespace for as long as somebody listens.

    Attributes:
        trouble: why nothing can be heard now, by kind; empty where all is well.
        refused: what of it no waiting will mend: a right that is missing.
        listed: the kinds of which all that there is has been told.
    """

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        """Prepare; it begins with the first listener."""
        self.trouble: dict[str, str] = {}
        self.refused: dict[str, str] = {}
        self.listed: set[str] = set()
        self._cluster = cluster
        self._namespace = namespace
        self._lock = threading.Lock()
        self._listeners: dict[str, set[Listener]] = {}
        self._known: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in KINDS}
        self._threads: dict[str, threading.Thread] = {}

    def listen(self, attempt: str, listener: Listener) -> None:
        """Tell `listener` of an attempt's objects: of those that are known at once."""
        with self._lock:
            self._listeners.setdefault(attempt, set()).add(listener)
            known = [(kind, obj) for kind in KINDS for obj in self._known[kind].values() if _attempt_of(obj) == attempt]
            for kind in KINDS:
                if kind not in self._threads:
                    thread = threading.Thread(
                        target=unnoticed, args=(self._run, kind), name=f"steppe-{kind}", daemon=True
                    )
                    self._threads[kind] = thread
                    thread.start()
        for kind, obj in known:
            listener(kind, obj, False)

    def leave(self, attempt: str, listener: Listener) -> None:
        """Tell it no more."""
        with self._lock:
            listeners = self._listeners.get(attempt, set())
            listeners.discard(listener)
            if not listeners:
                self._listeners.pop(attempt, None)

    def _run(self, kind: str) -> None:
        version, pause = "", FIRST_PAUSE
        while True:
            try:
                version = self._follow(kind, version) if version else self._list(kind)
                self._well(kind)
                pause = FIRST_PAUSE
            except (SteppeError, ValueError, KeyError) as error:
                expired = isinstance(error, Refused) and error.status == 410
                if isinstance(error, Refused) or not isinstance(error, SteppeError):
                    version = ""
                if not expired:
                    self._ill(kind, error)
                    time.sleep(pause)
                    pause = min(pause * 2, LAST_PAUSE)
            with self._lock:
                if not self._listeners:
                    del self._threads[kind]
                    self.listed.discard(kind)
                    self._known[kind].clear()
                    return

    def _well(self, kind: str) -> None:
        self.trouble.pop(kind, None)
        self.refused.pop(kind, None)

    def _ill(self, kind: str, error: Exception) -> None:
        """Note what is wrong; who follows looks there when it is woken."""
        self.trouble[kind] = str(error)
        if isinstance(error, Refused) and error.status in (403, 404):
            self.refused[kind] = str(error)
            with self._lock:
                listeners = [listener for each in self._listeners.values() for listener in each]
            for listener in listeners:
                listener("", None, False)

    def _list(self, kind: str) -> str:
        """List all there is; what was known and is not there has been deleted. Return the list's version."""
        with self._lock:
            before = set(self._listeners)  # their Jobs were there before this list is made
        found = self._cluster.ask("GET", path_of(kind, self._namespace), query={"labelSelector": SELECTOR})
        here = {obj["metadata"]["uid"]: obj for obj in found.get("items") or ()}
        for uid, obj in list(self._known[kind].items()):
            if uid not in here:
                self._tell(kind, obj, gone=True)
        for obj in here.values():
            self._tell(kind, obj)
        there = set(map(_attempt_of, here.values()))
        with self._lock:
            without = [each for attempt in before - there for each in self._listeners.get(attempt, ())]
            self.listed.add(kind)
        for listener in without:
            listener(kind, None, True)
        return str(found["metadata"]["resourceVersion"])

    def _follow(self, kind: str, version: str) -> str:
        """Watch from a version for one round, or until the connection is cut; return the version to go on from."""
        query = {
            "labelSelector": SELECTOR,
            "watch": "true",
            "resourceVersion": version,
            "timeoutSeconds": ROUND,
            "allowWatchBookmarks": "true",
        }
        rest = b""
        try:
            for data in self._cluster.stream(path_of(kind, self._namespace), query=query, silent=ROUND + SLACK):
                self._well(kind)
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    version = self._take(kind, json.loads(line))
        except Cut:
            time.sleep(FIRST_PAUSE)
        return version

    def _take(self, kind: str, told: dict[str, Any]) -> str:
        what, obj = told["type"], told["object"]
        if what == "ERROR":
            raise Refused(int(obj.get("code") or 500), obj)
        if what != "BOOKMARK":
            self._tell(kind, obj, gone=what == "DELETED")
        return str(obj["metadata"]["resourceVersion"])

    def _tell(self, kind: str, obj: dict[str, Any], *, gone: bool = False) -> None:
        uid, attempt = obj["metadata"]["uid"], _attempt_of(obj)
        with self._lock:
            if gone:
                self._known[kind].pop(uid, None)
            else:
                self._known[kind][uid] = obj
            listeners = tuple(self._listeners.get(attempt, ()))
        for listener in listeners:
            listener(kind, obj, gone)


def _attempt_of(obj: dict[str, Any]) -> str:
    return str((obj["metadata"].get("labels") or {}).get("steppe/attempt", ""))
