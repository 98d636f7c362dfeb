"""A Store against two dictionaries: the machine by which Hypothesis looks for a difference."""

from __future__ import annotations

from blake3 import blake3
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from steppe.errors import MissingArtifact
from steppe.store.store import Store
from steppe.types import Digest

_LENGTHS = (1, 2, 130_000, 1_100_000)
_NAMES = st.lists(st.sampled_from(["a", "b", "ab", "a.b"]), min_size=1, max_size=3).map("/".join)
_CHUNKS = st.lists(
    st.builds(lambda data, times: data * times, st.binary(max_size=4), st.sampled_from(_LENGTHS)), max_size=4
)


class StoreMachine(RuleBasedStateMachine):
    """Does the same to a Store and to its model and compares what each answers."""

    def __init__(self, store: Store) -> None:
        """Use a Store that nothing else uses meanwhile; what it holds is removed first."""
        super().__init__()
        self.store = store
        self.blobs: dict[Digest, bytes] = {}
        self.notes: dict[str, bytes] = {}

    @initialize()
    def begin_empty(self) -> None:
        """Remove what the last example left."""
        for blob in list(self.store.blobs()):
            assert self.store.delete(blob.digest)
        for name in list(self.store.records()):
            self.store.delete_record(name)

    @rule(chunks=_CHUNKS, once=st.booleans())
    def put(self, chunks: list[bytes], once: bool) -> None:
        """Put chunks, as a list or as what can be read once."""
        data = b"".join(chunks)
        digest = self.store.put(iter(chunks) if once else chunks)
        assert digest == "b3:" + blake3(data).hexdigest()
        self.blobs[digest] = data

    @rule(chunks=_CHUNKS, wrong=st.booleans())
    def put_as(self, chunks: list[bytes], wrong: bool) -> None:
        """Put chunks under their own digest or another one."""
        data = b"".join(chunks)
        digest = "b3:" + blake3(data).hexdigest()
        assert self.store.put_as(digest, [*chunks, b"!"] if wrong else chunks) is not wrong
        if not wrong:
            self.blobs[digest] = data

    @rule(data=st.data(), start=st.integers(0, 10), length=st.none() | st.integers(0, 200_000))
    def get(self, data: st.DataObject, start: int, length: int | None) -> None:
        """Get what is there, whole or in part, write to it, and let it go."""
        digest, expected = data.draw(st.sampled_from(sorted(self.blobs.items()) or [("b3:" + "0" * 64, b"")]))
        stop = None if length is None else start + length
        try:
            view = self.store.get(digest, start=start, stop=stop)
        except MissingArtifact:
            assert digest not in self.blobs
            return
        assert view == expected[start:stop]
        view[:1] = b"?"[: view.nbytes]

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """Delete what is there, or what is not."""
        digest = data.draw(st.sampled_from([*sorted(self.blobs), "b3:" + "0" * 64]))
        assert self.store.delete(digest) is (self.blobs.pop(digest, None) is not None)
        assert not self.store.has(digest)

    @rule()
    def list_blobs(self) -> None:
        """List the blobs."""
        listed = [(blob.digest, blob.size) for blob in self.store.blobs()]
        assert sorted(listed) == sorted((digest, len(data)) for digest, data in self.blobs.items())

    @rule(name=_NAMES, data=st.binary(max_size=20))
    def write_record(self, name: str, data: bytes) -> None:
        """Write a record that may be there."""
        assert self.store.write_record(name, data) is (name not in self.notes)
        self.notes.setdefault(name, data)

    @rule(name=_NAMES, data=st.binary(max_size=20))
    def replace_record(self, name: str, data: bytes) -> None:
        """Replace a record that may not be there."""
        self.store.replace_record(name, data)
        self.notes[name] = data

    @rule(name=_NAMES)
    def read_record(self, name: str) -> None:
        """Read a record that may not be there."""
        assert self.store.read_record(name) == self.notes.get(name)

    @rule(name=_NAMES)
    def delete_record(self, name: str) -> None:
        """Delete a record that may not be there."""
        self.store.delete_record(name)
        self.notes.pop(name, None)

    @rule(prefix=_NAMES | st.just(""))
    def list_records(self, prefix: str) -> None:
        """List the records under a prefix."""
        under = {name for name in self.notes if not prefix or name == prefix or name.startswith(prefix + "/")}
        assert sorted(self.store.records(prefix)) == sorted(under)
