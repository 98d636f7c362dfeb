"""The walk: one pass over a step's values that gives each a data version, and knows every mutable part by place.

A value becomes a stream of bytes: typed, length-prefixed tokens in depth-first order. A part with an identity (a list,
an array, an instance) is a *node*: at its first sight it is written out and numbered, later sights write its
number. So the stream tells values, types and how mutable parts are shared, but not addresses, hash seeds or interning.
The data version is the digest of the stream and of the classes from the notebook that it names.

Knows nothing of stores and steps; what a type looks like inside is in one file a family.
"""

from __future__ import annotations

import builtins
import functools
import marshal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import CodeType, FunctionType
from typing import Any, Protocol, TypeAlias

from blake3 import blake3

from steppe.errors import Unversionable
from steppe.types import Buffer, Digest
from steppe.values.kinds import full_name, module_of
from steppe.values.unordered import Ordering

LONG = 4096
"""Encodings longer than this are replaced by their digest, so that streams stay small."""

THREADS_FROM = 1 << 20
"""Buffers larger than this are hashed by several threads."""

ATOMS = frozenset({type(None), bool, int, float, complex, str, bytes, type(Ellipsis)})
"""Types whose values have no parts and no identity worth keeping; `marshal` writes them typed and length-prefixed."""

DETAILS = 512
"""How many named parts of a value have versions of their own, for explanations."""

FORMAT = 2
"""The version of `marshal`'s format without interning and references: the same bytes on every Python from 3.11."""

LRU = type(functools.lru_cache(int))

Encoder: TypeAlias = "Callable[[Walk, Any], None]"

Put: TypeAlias = "Callable[[Iterable[Buffer]], Digest]"
"""Stores the concatenation of some bytes, and returns its digest."""


def content(buffer: Buffer) -> bytes:
    """Return the raw 32-byte BLAKE3 digest of `buffer`."""
    if len(buffer) < THREADS_FROM:
        return blake3(buffer).digest()
    return blake3(buffer, max_threads=blake3.AUTO).digest()


def digest_of(chunks: Sequence[Buffer]) -> Digest:
    """Return the digest that the Store gives the concatenation of `chunks`."""
    many = sum(map(len, chunks)) >= THREADS_FROM
    state = blake3(max_threads=blake3.AUTO) if many else blake3()
    for chunk in chunks:
        state.update(chunk)
    return f"b3:{state.hexdigest()}"


def atoms(items: Any) -> bool:
    """Tell whether all of `items` are atoms."""
    return ATOMS.issuperset(map(type, items))


class Home(Protocol):
    """What a walk must be told of the code that its values refer to."""

    def is_notebook(self, module: str) -> bool:
        """Tell whether code of `module` was written in a cell."""

    def code_version(self, code: CodeType) -> bytes:
        """Return the version of the source that `code` was compiled from."""


class Root:
    """One value as walked.

    Attributes:
        version: its data version.
        stream: the canonical bytes.
        nodes: the parts with an identity, in the order of their first sight; kept alive here.
        spans: where in the stream each node is written.
        detail: versions of the parts that people know by name.
        classes: the notebook's classes that the value names.
        fresh: numbers of nodes that exist only for this walk (`__getstate__` made them).
        made: where in the stream an object's making ends and its state begins, by identity.
        refs: where in the stream an earlier node's number stands, and its end.
        views: which of its arrays share memory.
        extents: number, begin and end of the memory of each of its arrays.
        file: the digest of the file that its value, a plain array, is stored as; empty for others.
        stored: whether that file was stored while it was digested.
    """

    __slots__ = (
        "_views",
        "classes",
        "detail",
        "extents",
        "file",
        "fresh",
        "made",
        "nodes",
        "refs",
        "spans",
        "stored",
        "stream",
        "value",
        "version",
    )

    def __init__(self) -> None:
        self.version: Digest = ""
        self.stream = bytearray()
        self.nodes: list[Any] = []
        self.spans: list[tuple[int, int]] = []
        self.detail: dict[str, str] = {}
        self.classes: list[type] = []
        self.fresh: set[int] = set()
        self.made: dict[int, int] = {}
        self.refs: list[tuple[int, int, int]] = []
        self.extents: list[tuple[int, int, int]] = []
        self.value: Any = None
        self.file: Digest = ""
        self.stored = False
        self._views: Any = None

    @property
    def views(self) -> Any:
        """The `memory.Views` of this root, made when the first array is met."""
        if self._views is None:
            from steppe.values.memory import Views

            self._views = Views()
        return self._views


class Attempt:
    """Something written by `Walk.attempt`.

    Attributes:
        refused: why nothing was written, or None.
    """

    refused: Unversionable | None = None


class Walk:
    """A pass over values that nobody changes meanwhile.

    Attributes:
        home: what is known of code.
        out: the stream being written.
        buffers: digests of large buffers by the identity of their owner, valid for this pass alone.
        files: digests of the files that arrays are stored as, by the array's identity, valid for this pass alone.
        names: names of the notebook that functions and classes found inside values will look up.
        unbounded: why such a function may look up any name at all, or None.
        modules: modules whose code the values' classes and functions belong to.
        roots: what has been walked, by name.
        named: parts that are written as a name for now, and not by what they hold, by identity.
        ordered: whether it has met a set that is written in its own order, which a pickle need not give back.
        ordering: the sets that are being put in order.
    """

    def __init__(self, home: Home) -> None:
        self.home = home
        self.out = bytearray()
        self.memo: dict[int, int] = {}
        self.root = Root()
        self.depth = 0
        self.buffers: dict[int, bytes] = {}
        self.files: dict[int, Digest] = {}
        self.kept: list[Any] = []
        self.names: set[str] = set()
        self.unbounded: str | None = None
        self.modules: set[str] = set()
        self.roots: dict[str, Root] = {}
        self.classes: dict[type, Root] = {}
        self._put: Put | None = None
        self.named: dict[int, builtins.bytes] = {}
        self.ordered = False
        self.ordering = Ordering()

    def walk(self, name: str, value: Any, put: Put | None = None) -> Root:
        """Walk `value` under `name` and return it with its data version.

        Args:
            name: the root's.
            value: what is walked.
            put: stores the value, where it is a plain array, in the same go as it is digested: one of the two costs
                almost nothing then.

        Raises:
            Unversionable: something in it has no version; names the path to it.
        """
        with self.into(Root()) as root:
            self.depth = 0 if is_node(type(value)) else 1
            self._put = put
            try:
                self._put_all(value)
            finally:
                self._put = None
        self._finish(root)
        root.value = value
        self.roots[name] = root
        return root

    def let_go(self) -> None:
        """Hold none of the values any longer: nobody will ask for a part of them."""
        for held in (self.memo, self.buffers, self.files, self.kept, self.roots, self.classes, self.named):
            held.clear()

    @contextmanager
    def into(self, root: Root, ordering: Ordering | None = None) -> Iterator[Root]:
        """Write into `root` for a while; a set that `ordering` has begun to put in order may be cut short there."""
        outer = self.out, self.memo, self.root, self.depth, self.ordering
        self.out, self.memo, self.root, self.depth = root.stream, {}, root, 2
        self.ordering = ordering or Ordering()
        limit = sys.getrecursionlimit()
        if limit < 200_000:
            sys.setrecursionlimit(200_000)
        try:
            yield root
        finally:
            sys.setrecursionlimit(limit)
            self.out, self.memo, self.root, self.depth, self.ordering = outer

    def _finish(self, root: Root) -> None:
        digest = blake3(root.stream)
        if root.classes:
            for cls in self._reached(root):
                digest.update(content(self.classes[cls].stream))
        root.version = f"b3:{digest.hexdigest()}"

    def _reached(self, root: Root) -> list[type]:
        """Return the classes that a root names, and those that they name, in the order of first sight."""
        found: dict[type, None] = {}
        todo = list(root.classes)
        while todo:
            cls = todo.pop(0)
            if cls not in found:
                found[cls] = None
                todo.extend(self.classes[cls].classes)
        return list(found)

    def _put_all(self, value: Any) -> None:
        try:
            self.put(value)
        except RecursionError:
            raise refuse(value, "its parts have parts without an end that could be reached") from None

    @contextmanager
    def attempt(self) -> Iterator[Attempt]:
        """Write something that may have no version: then nothing of it is written."""
        root, made = self.root, Attempt()
        marks = len(self.out), len(root.nodes), len(root.refs), len(root.extents), self.depth, dict(root.detail)
        try:
            yield made
        except Unversionable as error:
            made.refused = error
            out, nodes, refs, extents, self.depth, root.detail = marks
            for node in root.nodes[nodes:]:
                del self.memo[id(node)]
            root.fresh = {number for number in root.fresh if number < nodes}
            self.kept += root.nodes[nodes:]  # no identity is given twice in one walk
            del self.out[out:], root.nodes[nodes:], root.spans[nodes:], root.refs[refs:], root.extents[extents:]

    # What encoders call

    def put(self, value: Any) -> None:
        """Write one value of any type."""
        kind = type(value)
        if kind in ATOMS:
            data = marshal.dumps(value, FORMAT)
            self.out += data if len(data) <= LONG else encode_atom(value)
            return
        encoder, node = ENCODERS.get(kind) or encoder_for(kind)
        if not node:
            encoder(self, value)
            return
        identity, root = id(value), self.root
        if identity in self.memo or identity in self.named:
            self.enter(value)
            return
        nodes, start = root.nodes, len(self.out)  # from here on, what `enter` and `leave` do, but quickly
        number = self.memo[identity] = len(nodes)
        nodes.append(value)
        root.spans.append((start, start))
        self.depth += 1
        encoder(self, value)
        self.depth -= 1
        root.spans[number] = (start, len(self.out))

    def enter(self, value: Any) -> int | None:
        """Begin a node and return its number; where it was seen before, write that number instead and return None."""
        seen = self.memo.get(id(value))
        if seen is not None:
            self.refer(b"R%d;" % seen, seen)
            return None
        if id(value) in self.named:
            self.out += self.named[id(value)]
            return None
        root = self.root
        number = self.memo[id(value)] = len(root.nodes)
        root.nodes.append(value)
        start = len(self.out)
        root.spans.append((start, start))
        self.depth += 1
        return number

    def refer(self, token: bytes, number: int) -> None:
        """Write a token that names an earlier node."""
        start = len(self.out)
        self.out += token
        self.root.refs.append((start, start + len(token), number))

    def leave(self, number: int) -> None:
        """End a node."""
        self.depth -= 1
        spans = self.root.spans
        spans[number] = (spans[number][0], len(self.out))

    def tag(self, text: str) -> None:
        """Write a type's tag."""
        self.out += b"#%d:" % len(text) + text.encode("utf-8", "surrogatepass")

    def bytes(self, data: Buffer) -> None:
        """Write the digest of `data` and its length."""
        self.out += b"B%d:" % len(data) + content(data)

    def buffer(self, owner: Any, data: Buffer) -> builtins.bytes:
        """Write `data` as `bytes` does, hashing it only once in this pass for the same `owner`; return the digest."""
        digest = self.buffers.get(id(owner))
        if digest is None:
            digest = self.buffers[id(owner)] = content(data)
            self.kept.append(owner)
        self.out += b"B%d:" % len(data) + digest
        return digest

    def file(self, owner: Any, chunks: Sequence[Buffer]) -> None:
        """Write the digest of the file that a plain array is stored as, made only once in this pass."""
        digest = self.files.get(id(owner))
        if digest is None:
            if self._put is not None and self.depth == 1:
                digest = self._put(chunks)
                self.root.stored = True
            else:
                digest = digest_of(chunks)
            self.files[id(owner)] = digest
            self.kept.append(owner)
        if self.depth == 1:
            self.root.file = digest
        self.out += b"F%d:" % len(chunks[-1]) + builtins.bytes.fromhex(digest[3:])

    def detail(self, name: str, start: int) -> None:
        """Remember what was written since `start` under a name that people know, if it is a part of the root itself."""
        detail = self.root.detail
        if self.depth == 1 and len(detail) < DETAILS:
            detail[name] = blake3(self.out[start:]).hexdigest(16)

    def put_items(self, items: list[Any]) -> None:
        """Write a list that was made for this walk: its items in order, without a number for the list."""
        if atoms(items):
            data = marshal.dumps(items, FORMAT)
            self.out += b"L" + (data if len(data) <= LONG else b"H%d:" % len(data) + content(data))
            return
        self.out += b"l%d:" % len(items)
        for item in items:
            self.put(item)

    def is_code(self, value: Any) -> bool:
        """Tell whether `value` is a function or a class of the notebook: code that is stored by version."""
        if isinstance(value, type):
            return value in self.classes or self.home.is_notebook(module_of(value))
        kind = type(value)
        if kind is not FunctionType and kind is not LRU:
            return False
        code = getattr(value, "__code__", None)
        return self.home.is_notebook(value.__module__ or "") or (
            code is not None and self.home.is_notebook(code.co_filename)
        )

    @contextmanager
    def naming(self, parts: dict[int, builtins.bytes]) -> Iterator[None]:
        """Write some parts as names for a while."""
        self.named = parts
        try:
            yield
        finally:
            self.named = {}

    def root_of(self, value: Any) -> Root:
        """Walk a value without giving it a name."""
        with self.into(Root()) as root:
            self._put_all(value)
        root.value = value
        self._finish(root)
        return root

    def version_of(self, value: Any) -> Digest:
        """Return the data version of a value."""
        return self.root_of(value).version

    def alone(self, value: Any) -> tuple[builtins.bytes, int]:
        """Return a digest of `value` as if nothing else had been seen, and how many nodes it has."""
        with self.into(Root(), self.ordering) as root:
            self.put(value)
        return blake3(root.stream).digest(), len(root.nodes)


def encode_atom(value: Any) -> bytes:
    """Encode an atom: typed, length-prefixed, and short."""
    data = marshal.dumps(value, FORMAT)
    if len(data) <= LONG:
        return data
    return b"H%d:" % len(data) + content(data)


ENCODERS: dict[type, tuple[Encoder, bool]] = {}
"""How a type is written, and whether its instances are nodes: by exact type."""

FAMILIES: dict[str, str] = {}
"""Module that knows a family of types, by the dotted name of a class: looked up along the type's bases."""


def encodes(*types: type, node: bool) -> Callable[[Encoder], Encoder]:
    """Register an encoder for exactly these types."""

    def register(encoder: Encoder) -> Encoder:
        for kind in types:
            ENCODERS[kind] = (encoder, node)
        return encoder

    return register


def encoder_for(kind: type) -> tuple[Encoder, bool]:
    """Return how `kind` is written: by its family, or by what it tells pickle."""
    from steppe.values import families

    if kind in ENCODERS:  # the families had not been imported yet
        return ENCODERS[kind]
    found = families.encoder(kind)
    if kind.__module__ != "__main__":
        ENCODERS[kind] = found
    return found


def is_node(kind: type) -> bool:
    """Tell whether instances of `kind` have an identity worth keeping."""
    return kind not in ATOMS and (ENCODERS.get(kind) or encoder_for(kind))[1]


def refuse(value: Any, reason: str) -> Unversionable:
    """Return the error for a value that has no version."""
    return Unversionable(full_name(type(value)), reason)
