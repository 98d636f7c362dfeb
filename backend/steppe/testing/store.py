"""What every Store has to pass. A back end's tests are a subclass with a fixture `store` that gives an empty one.

class TestLocalStore(StoreSuite):
    @pytest.fixture
    def store(self, tmp_path):
        return LocalStore(tmp_path)
"""

from __future__ import annotations

import array
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from blake3 import blake3
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from steppe.errors import MissingArtifact
from steppe.store.store import Store
from steppe.testing.store_model import StoreMachine
from steppe.types import Buffer, Digest

SIZES = (0, 1, 1000, 128 << 10, (128 << 10) + 1, 1 << 20, (1 << 20) + 1, (20 << 20) + 3)
"""On both sides of where the back ends change their ways."""


def some_bytes(size: int, seed: int = 0) -> bytes:
    """Return bytes that no other seed gives."""
    return blake3(seed.to_bytes(8)).digest(length=size)


def digest_of(data: bytes) -> Digest:
    """Return the digest of bytes by the definition."""
    return "b3:" + blake3(data).hexdigest()


_SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)
NOWHERE = digest_of(b"never put")


class StoreSuite:
    """The promises of `Store`, as tests."""

    examples = 25
    """How many sequences of operations the test against a dictionary tries."""

    # blobs

    @pytest.mark.parametrize("size", SIZES)
    def test_what_was_put_is_got_back_under_its_digest(self, store: Store, size: int) -> None:
        """One chunk."""
        data = some_bytes(size)
        assert store.put([data]) == digest_of(data)
        assert store.has(digest_of(data))
        assert store.get(digest_of(data)) == data
        store.verify(digest_of(data))

    @pytest.mark.parametrize("size", SIZES)
    @pytest.mark.parametrize("once", [False, True])
    def test_a_blob_may_come_in_chunks_of_any_size(self, store: Store, size: int, once: bool) -> None:
        """In a list, or from a generator, which can be read once."""
        data = some_bytes(size)
        lengths = [0, 1, 300, 100_000, 0, 5 << 20, 17, 1 << 20]

        def chunks() -> Iterator[Buffer]:
            start = turn = 0
            while start < size:
                length = lengths[turn % len(lengths)]
                yield memoryview(data)[start : start + length]
                start, turn = start + length, turn + 1

        assert store.put(chunks() if once else list(chunks())) == digest_of(data)
        assert store.get(digest_of(data)) == data

    def test_no_chunks_make_the_empty_blob(self, store: Store) -> None:
        """Nothing is something."""
        assert store.put([]) == store.put(iter([b"", b""])) == digest_of(b"")
        assert bytes(store.get(digest_of(b""))) == b""

    @pytest.mark.parametrize("count", [12, 600_000])
    def test_a_chunk_may_be_of_any_type_and_shape(self, store: Store, count: int) -> None:
        """Numbers, tables, every second byte, no dimension at all, the other byte order."""
        numbers = memoryview(array.array("q", range(count)))
        table = memoryview(bytes(range(12)) * count).cast("B", [12, count])
        every_second = memoryview(some_bytes(count))[::2]
        scalar = memoryview(b"12345678").cast("q", [])
        chunks: list[Buffer] = [numbers, table, every_second, scalar, bytearray(b"end")]
        data = b"".join(memoryview(chunk).tobytes() for chunk in chunks)
        assert store.put(chunks) == digest_of(data)
        assert store.get(digest_of(data)) == data

    @pytest.mark.parametrize("size", [10, 40_000, 2 << 20])
    def test_the_memory_of_a_chunk_may_be_used_again_for_the_next(self, store: Store, size: int) -> None:
        """A producer that reads into one buffer, and even resizes it."""
        parts = [some_bytes(size + number, number) for number in range(5)]

        def chunks() -> Iterator[Buffer]:
            held = bytearray()
            for part in parts:
                held.clear()
                held += part
                yield held

        assert store.put(chunks()) == digest_of(b"".join(parts))
        assert store.get(digest_of(b"".join(parts))) == b"".join(parts)

    @pytest.mark.parametrize("size", [10, 3 << 20])
    @pytest.mark.parametrize("error", [OSError("the producer's own"), KeyboardInterrupt()])
    def test_an_error_of_the_producer_passes_through_and_nothing_is_kept(
        self, store: Store, size: int, error: BaseException
    ) -> None:
        """Also one that looks like the disk's."""

        def chunks() -> Iterator[Buffer]:
            yield some_bytes(size)
            raise error

        with pytest.raises(type(error)) as caught:
            store.put(chunks())
        assert caught.value is error
        assert list(store.blobs()) == []
        assert store.put([some_bytes(size)]) == digest_of(some_bytes(size))

    @pytest.mark.parametrize("size", [10, 3 << 20])
    def test_putting_again_keeps_one_copy(self, store: Store, size: int) -> None:
        """Two puts, one blob."""
        data = some_bytes(size)
        assert store.put([data]) == store.put(iter([data[:5], data[5:]]))
        assert [(blob.digest, blob.size) for blob in store.blobs()] == [(digest_of(data), size)]
        assert store.get(digest_of(data)) == data

    def test_put_as_keeps_only_what_has_the_digest(self, store: Store) -> None:
        """A small and a large one."""
        for data in (b"good", some_bytes(3 << 20)):
            assert not store.put_as(digest_of(data), [data, b"!"])
            assert not store.has(digest_of(data))
            assert store.put_as(digest_of(data), iter([data]))
            assert store.get(digest_of(data)) == data

    @pytest.mark.parametrize("size", [1000, 3 << 20])
    @pytest.mark.parametrize("known", [False, True])
    def test_a_part_is_what_a_slice_would_be(self, store: Store, size: int, known: bool) -> None:
        """Before and after the whole was read."""
        data = some_bytes(size)
        digest = store.put([data])
        if known:
            store.get(digest)
        for start, stop in [
            (0, 10),
            (5, 5),
            (9, 3),
            (size - 5, None),
            (size - 5, size + 5),
            (size, None),
            (2 * size, 9),
        ]:
            assert store.get(digest, start=start, stop=stop) == data[start:stop], (start, stop)
        for start, stop in [(-1, None), (0, -1)]:
            with pytest.raises(ValueError, match="count from its beginning"):
                store.get(digest, start=start, stop=stop)

    def test_the_pieces_are_the_blob(self, store: Store) -> None:
        """For whoever copies it elsewhere."""
        for data in (b"", b"small", some_bytes(20 << 20)):
            assert b"".join(store.pieces(store.put([data]))) == data

    @pytest.mark.parametrize("size", [10, 3 << 20])
    def test_a_view_can_be_written_to_and_nobody_else_sees_it(self, store: Store, size: int) -> None:
        """Neither a view from before nor one from after."""
        data = some_bytes(size)
        digest = store.put([data])
        before, written = store.get(digest), store.get(digest)
        written[:5] = b"other"
        assert bytes(written[:5]) == b"other"
        assert before == store.get(digest) == data
        store.verify(digest)

    @pytest.mark.parametrize("size", [10, 3 << 20])
    def test_a_view_outlives_its_blob(self, store: Store, size: int) -> None:
        """Deleted, then put again."""
        data = some_bytes(size)
        view = store.get(store.put([data]))
        assert store.delete(digest_of(data))
        assert view == data
        store.put([data])
        assert view == data

    def test_what_was_never_put_is_missing(self, store: Store) -> None:
        """In a store without anything, and in one with something."""
        for _ in range(2):
            assert not store.has(NOWHERE)
            assert not store.delete(NOWHERE)
            for read in (store.get, store.verify, lambda digest: list(store.pieces(digest))):
                with pytest.raises(MissingArtifact, match=NOWHERE):
                    read(NOWHERE)
            store.put([b"something"])

    def test_what_was_deleted_is_missing(self, store: Store) -> None:
        """Until it is put again."""
        digest = store.put([b"data"])
        store.get(digest)
        assert store.delete(digest)
        assert not store.has(digest)
        with pytest.raises(MissingArtifact):
            store.get(digest)
        assert list(store.blobs()) == []
        assert store.put([b"data"]) == digest
        assert bytes(store.get(digest)) == b"data"

    def test_a_blob_that_was_put_since_is_not_deleted(self, store: Store) -> None:
        """What `steppe gc` asks for."""
        digest = store.put([b"data"])
        assert not store.delete(digest, before=time.time() - 60)
        assert bytes(store.get(digest)) == b"data"
        assert store.delete(digest, before=time.time() + 60)

    def test_all_blobs_are_listed_with_their_sizes_and_times(self, store: Store) -> None:
        """And nothing else is."""
        sizes = {store.put([some_bytes(size)]): size for size in (0, 3, 300, 300_000)}
        store.write_record("not/a/blob", b"")
        listed = list(store.blobs())
        assert {blob.digest: blob.size for blob in listed} == sizes
        assert len(listed) == len(sizes)
        assert all(abs(blob.modified - time.time()) < 60 for blob in listed)

    def test_a_path_leads_to_the_blob_where_there_is_one(self, store: Store) -> None:
        """For readers that want a file."""
        data = some_bytes(200_000)
        path = store.path(store.put([data]))
        assert path is None or Path(path).read_bytes() == data
        if path is not None:
            with pytest.raises(MissingArtifact):
                store.path(NOWHERE)

    @pytest.mark.parametrize(
        "wrong", ["", "b3:", "b3:" + "0" * 63, "b3:" + "0" * 65, "b3:" + "A" * 64, "b3:../" + "0" * 61, "0" * 64]
    )
    def test_what_is_no_digest_is_refused(self, store: Store, wrong: str) -> None:
        """Before any file is looked for."""
        for use in (store.get, store.has, store.verify, store.delete, lambda digest: store.put_as(digest, [])):
            with pytest.raises(ValueError, match="is not a digest"):
                use(wrong)

    # records

    def test_a_record_is_written_once(self, store: Store) -> None:
        """The second writer is told so."""
        assert store.read_record("attempts/8f2c/result") is None
        assert store.write_record("attempts/8f2c/result", b"first")
        assert not store.write_record("attempts/8f2c/result", b"second")
        assert not store.write_record("attempts/8f2c/result", b"first")
        assert store.read_record("attempts/8f2c/result") == b"first"

    def test_a_record_can_be_replaced(self, store: Store) -> None:
        """Whether it was there or not."""
        store.replace_record("heartbeat", b"1")
        store.replace_record("heartbeat", b"22")
        assert store.read_record("heartbeat") == b"22"
        assert not store.write_record("heartbeat", b"3")
        store.replace_record("heartbeat", b"")
        assert store.read_record("heartbeat") == b""

    @pytest.mark.parametrize("data", [b"", b"\n", bytes(range(256)), some_bytes(2 << 20)])
    def test_a_record_is_read_as_it_was_written(self, store: Store, data: bytes) -> None:
        """Byte by byte."""
        assert store.write_record("a.b/c-d/_E", data)
        assert store.read_record("a.b/c-d/_E") == data

    def test_a_record_may_stand_where_others_have_a_folder(self, store: Store) -> None:
        """In either order of writing."""
        for name in ("a", "a/b/c", "a/b", "x/y", "x"):
            assert store.write_record(name, name.encode())
        assert sorted(store.records()) == ["a", "a/b", "a/b/c", "x", "x/y"]
        assert [store.read_record(name) for name in ("a", "a/b", "a/b/c")] == [b"a", b"a/b", b"a/b/c"]

    def test_records_are_listed_by_whole_parts(self, store: Store) -> None:
        """`a` is no beginning of `ab`."""
        names = {"a", "a/1", "a/2/3", "ab", "ab/1", "b", "a-", "a.b/c"}
        for name in names:
            store.write_record(name, b"")
        assert set(store.records()) == names
        assert sorted(store.records("a")) == ["a", "a/1", "a/2/3"]
        assert sorted(store.records("a/2")) == ["a/2/3"]
        assert sorted(store.records("b")) == ["b"]
        assert list(store.records("c")) == []

    def test_a_deleted_record_is_gone_and_its_neighbours_stay(self, store: Store) -> None:
        """Also where there was none."""
        store.write_record("a/b/c", b"")
        store.write_record("a/b", b"b")
        store.delete_record("a/b/c")
        store.delete_record("a/b/c")
        assert list(store.records()) == ["a/b"]
        assert store.write_record("a/b/c", b"again")
        assert store.read_record("a/b/c") == b"again"
        assert store.read_record("a/b") == b"b"

    @pytest.mark.parametrize(
        "wrong", ["", "/", "a/", "/a", "a//b", ".", "..", "a/../b", "a b", "a=", "é", "a\\b", "a\n", "x" * 201]
    )
    def test_what_is_no_name_is_refused(self, store: Store, wrong: str) -> None:
        """Whatever is to be done with it."""
        uses: list[Callable[[], object]] = [
            lambda: store.write_record(wrong, b""),
            lambda: store.replace_record(wrong, b""),
            lambda: store.read_record(wrong),
            lambda: store.delete_record(wrong),
        ]
        if wrong:
            uses.append(lambda: list(store.records(wrong)))
        for use in uses:
            with pytest.raises(ValueError, match="can't name a record"):
                use()
        assert list(store.records()) == []

    # many at once

    def test_threads_put_and_get_the_same_and_different_blobs(self, store: Store) -> None:
        """Each gets what it asked for."""
        shared = [some_bytes(size, 99) for size in (5, 200_000, 3 << 20)]

        def work(number: int) -> None:
            mine = some_bytes(1000 + number, number)
            for data in (*shared, mine):
                assert store.put([data]) == digest_of(data)
                assert store.get(digest_of(data)) == data

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(work, range(16)))
        assert len(list(store.blobs())) == len(shared) + 16

    def test_one_of_many_writers_of_a_record_is_the_first(self, store: Store) -> None:
        """And the record is that one's."""
        with ThreadPoolExecutor(8) as threads:
            first = list(threads.map(lambda n: store.write_record("claims/one", b"%d" % n), range(16)))
        assert first.count(True) == 1
        assert store.read_record("claims/one") == b"%d" % first.index(True)

    def test_a_replaced_record_is_read_whole(self, store: Store) -> None:
        """By whoever reads while it is being replaced."""
        datas = {bytes([number]) * (1 + number * 997) for number in range(16)}
        store.replace_record("beat", next(iter(datas)))
        with ThreadPoolExecutor(4) as threads:
            writing = [threads.submit(store.replace_record, "beat", data) for data in datas]
            while not all(task.done() for task in writing):
                assert store.read_record("beat") in datas
        assert all(task.exception() is None for task in writing)

    def test_any_sequence_of_operations_does_what_a_dictionary_would(self, store: Store) -> None:
        """Hypothesis looks for one that does not."""
        machine: Any = partial(StoreMachine, store)  # any callable that makes one will do
        how = settings(max_examples=self.examples, stateful_step_count=30, deadline=None, suppress_health_check=_SLOW)
        run_state_machine_as_test(machine, settings=how)
