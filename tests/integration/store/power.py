"""A disk whose power can be cut: what a store did to its files, replayed up to any point, less what was not synced.

What POSIX allows to be lost is lost here as far as a test asks: bytes written to a file since its last fsync, whole or
in part; names made, changed or removed in a folder since its last fsync, each by itself and in any combination, also
the two halves of a rename. A name may be there while the bytes of its file are not.
"""

import os
import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from steppe.store.files import Files


class Recorder(Files):
    """Does what Files does, and writes down what it did, as (operation, what it needs to be replayed)."""

    def __init__(self, base, log, before=None):
        """`before`, if given, is called before each operation with its number and its name."""
        self.base = base
        self.log = log
        self._before = before
        self._open = {}

    def _note(self, *operation):
        if self._before:
            self._before(len(self.log), operation[0])
        self.log.append(operation)

    def damage(self, path, data):
        """Change bytes that are on the disk, behind the store's back."""
        self._note("damage", self._within(path), data)
        os.chmod(path, 0o644)
        Path(path).write_bytes(data)
        os.chmod(path, 0o444)

    def _within(self, path):
        path = Path(path)
        return path.relative_to(self.base).parts if path.is_relative_to(self.base) else None

    def create(self, path):
        self._note("create", self._within(path))
        fd = super().create(path)
        self._open[fd] = self._within(path)
        return fd

    def write(self, fd, data):
        self._note("write", self._open[fd], bytes(data))
        super().write(fd, data)

    def sync(self, fd):
        self._note("sync", self._open[fd])
        super().sync(fd)

    def close(self, fd):
        del self._open[fd]
        super().close(fd)

    def link(self, source, target):
        self._note("try link", self._within(source), self._within(target))
        super().link(source, target)
        self.log[-1] = ("link", *self.log[-1][1:])

    def rename(self, source, target):
        self._note("rename", self._within(source), self._within(target))
        super().rename(source, target)

    def unlink(self, path):
        self._note("try unlink", self._within(path))
        super().unlink(path)
        self.log[-1] = ("unlink", *self.log[-1][1:])

    def make_folder(self, path):
        self._note("make folder", self._within(path))
        return super().make_folder(path)

    def remove_folder(self, path):
        self._note("try remove folder", self._within(path))
        super().remove_folder(path)
        self.log[-1] = ("remove folder", *self.log[-1][1:])

    def sync_folder(self, path):
        if self._within(path) is not None:  # the folders above the disk are not part of it
            self._note("sync folder", self._within(path))
        super().sync_folder(path)

    def append(self, path, data):
        self._note("append", self._within(path), data)
        super().append(path, data)


@dataclass(eq=False)
class File:
    states: list = field(default_factory=lambda: [b""])  # the synced one, then each since

    @property
    def now(self):
        return self.states[-1]

    def write(self, data):
        self.states.append(self.now + data)

    def sync(self):
        self.states = [self.now]


@dataclass(eq=False)
class Folder:
    now: dict = field(default_factory=dict)
    states: dict = field(default_factory=dict)  # for each name: what was synced, then each since; None is nothing

    def set(self, name, node):
        self.states.setdefault(name, [None]).append(node)
        if node is None:
            del self.now[name]
        else:
            self.now[name] = node

    def sync(self):
        self.states = {name: [node] for name, node in self.now.items()}


class Disk:
    """The files after some of the operations."""

    def __init__(self):
        self.root = Folder()

    def find(self, parts):
        node = self.root
        for part in parts:
            node = node.now[part]
        return node

    def do(self, operation, *args):
        """Replay one operation."""
        match operation, args:
            case "create", (path,):
                self.find(path[:-1]).set(path[-1], File())
            case "write", (path, data):
                self.find(path).write(data)
            case "sync", (path,):
                self.find(path).sync()
            case "link", (source, target):
                self.find(target[:-1]).set(target[-1], self.find(source))
            case "rename", (source, target):
                node = self.find(source)
                self.find(target[:-1]).set(target[-1], node)
                self.find(source[:-1]).set(source[-1], None)
            case (("unlink" | "remove folder"), (path,)):
                self.find(path[:-1]).set(path[-1], None)
            case "make folder", (path,):
                if path and path[-1] not in self.find(path[:-1]).now:
                    self.find(path[:-1]).set(path[-1], Folder())
            case "sync folder", (path,):
                self.find(path).sync()
            case "append", (path, data):
                folder = self.find(path[:-1])
                if path[-1] not in folder.now:
                    folder.set(path[-1], File())
                self.find(path).write(data)
            case "damage", (path, data):
                self.find(path).states = [data]
            case (("try link" | "try unlink" | "try remove folder"), _):
                pass  # it failed, and changed nothing
            case _:
                raise AssertionError(operation)

    def after_the_cut(self, target, choose):
        """Write to a folder what may be left. `choose(states)` picks one of what a name or a file may be."""
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        self._leave(self.root, target, choose, {})

    def _leave(self, folder, target, choose, chosen):
        for name, states in folder.states.items():
            node = choose(states)
            if isinstance(node, Folder):
                (target / name).mkdir()
                self._leave(node, target / name, choose, chosen)
            elif isinstance(node, File):
                if node not in chosen:  # one file under two names has the same bytes under both
                    chosen[node] = choose(node.states)
                (target / name).write_bytes(chosen[node])


def all_lost(states):
    return states[0]


def all_kept(states):
    return states[-1]


def some_of(seed):
    """Return a choice at random, which also tears what was written to a file, or leaves holes in it."""
    chance = random.Random(seed)

    def choose(states):
        chosen = chance.choice(states)
        if isinstance(chosen, bytes) and len(states) > 1 and chosen and chance.random() < 0.5:
            cut = chance.randrange(len(chosen))
            return chosen[:cut] + (bytes(len(chosen) - cut) if chance.random() < 0.5 else b"")
        return chosen

    return choose
