"""What a cluster keeps: objects with versions, the history that watches read, and events. As etcd and the API do it."""

import copy
import datetime as dt
import itertools
import threading
import uuid


def now():
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def selects(selector, labels):
    """Tell whether a label selector fits: `a=b`, `a!=b`, `a`, with commas between them."""
    for part in filter(None, (selector or "").split(",")):
        name, unlike, value = part.partition("!=")
        if unlike:
            if labels.get(name) == value:
                return False
            continue
        name, equals, value = part.replace("==", "=").partition("=")
        if name not in labels or (equals and labels[name] != value):
            return False
    return True


class Objects:
    """All objects of one cluster. Everything happens under one lock, and whoever waits is woken."""

    def __init__(self):
        self.changed = threading.Condition(threading.RLock())
        self.by_key = {}
        self.history = []
        self.compacted = 0
        self._versions = itertools.count(1)
        self.version = 0

    def _note(self, kind, what, obj):
        self.version = next(self._versions)
        obj["metadata"]["resourceVersion"] = str(self.version)
        self.history.append((self.version, kind, what, copy.deepcopy(obj)))
        self.changed.notify_all()

    def add(self, kind, namespace, obj):
        """Add an object; None where one of that name is there."""
        with self.changed:
            name = obj["metadata"]["name"]
            if (kind, namespace, name) in self.by_key:
                return None
            obj = copy.deepcopy(obj)
            obj["metadata"] |= {"namespace": namespace, "uid": str(uuid.uuid4()), "creationTimestamp": now()}
            self.by_key[kind, namespace, name] = obj
            self._note(kind, "ADDED", obj)
            return copy.deepcopy(obj)

    def get(self, kind, namespace, name):
        with self.changed:
            found = self.by_key.get((kind, namespace, name))
            return copy.deepcopy(found) if found is not None else None

    def change(self, kind, namespace, name, how):
        """Let `how` change an object in place; nothing where it is gone."""
        with self.changed:
            found = self.by_key.get((kind, namespace, name))
            if found is None:
                return None
            before = copy.deepcopy(found)
            how(found)
            if found != before:
                self._note(kind, "MODIFIED", found)
            return copy.deepcopy(found)

    def remove(self, kind, namespace, name):
        with self.changed:
            found = self.by_key.pop((kind, namespace, name), None)
            if found is not None:
                self._note(kind, "DELETED", found)
            return found

    def list(self, kind, namespace, selector=""):
        with self.changed:
            return [
                copy.deepcopy(obj)
                for (a_kind, a_namespace, _), obj in self.by_key.items()
                if a_kind == kind
                and a_namespace == namespace
                and selects(selector, obj["metadata"].get("labels") or {})
            ], self.version

    def compact(self):
        """Forget the history, as etcd does every five minutes."""
        with self.changed:
            self.compacted = self.version
            self.history.clear()
            self.changed.notify_all()

    def since(self, version, kind, namespace, selector):
        """Return what has happened since a version; None where that is forgotten."""
        if version < self.compacted:
            return None
        return [
            (number, what, obj)
            for number, a_kind, what, obj in self.history
            if number > version
            and a_kind == kind
            and obj["metadata"]["namespace"] == namespace
            and selects(selector, obj["metadata"].get("labels") or {})
        ]

    def tell(self, namespace, about, reason, message, kind="Normal"):
        """Make an event about an object."""
        regarding = {key: about["metadata"].get(key) for key in ("name", "namespace", "uid")} | {"kind": about["kind"]}
        self.add(
            "events",
            namespace,
            {
                "apiVersion": "v1",
                "kind": "Event",
                "metadata": {"name": f"{about['metadata']['name']}.{uuid.uuid4().hex[:16]}"},
                "involvedObject": regarding,
                "reason": reason,
                "message": message,
                "type": kind,
                "firstTimestamp": now(),
                "lastTimestamp": now(),
                "count": 1,
            },
        )
