"""A bucket of an object store as obstore gives it, with its failures as words. Knows nothing of what is in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import obstore
from obstore import exceptions
from obstore.store import from_url

from steppe.errors import UsageError
from steppe.store.digest import Digester
from steppe.store.network import Interrupted, asked, missing_bucket, telling
from steppe.types import Digest

PIECE = 8 << 20
"""Bytes that are fetched or sent as one."""

_AT_ONCE = 4  # parts that are under way
_PARTS = 9_000  # S3 takes 10,000
_WRITER = "writer"


class Fetched(NamedTuple):
    """What came from the bucket under a key.

    Attributes:
        digest: of what came.
        tag: the bucket's own name for this version of the object; empty where it gives none.
        view: the bytes, where they were to be kept.
    """

    digest: Digest
    tag: str
    view: memoryview


class Bucket:
    """One bucket, or a folder in one. All methods but `create` raise StoreUnavailable where it can't be used."""

    def __init__(self, bucket: Any, url: str) -> None:
        """Use an obstore store, which is called `url` in words to people."""
        self._bucket = bucket
        self.url = url

    @classmethod
    def at(cls, url: str, options: Mapping[str, str]) -> Bucket:
        """Open the bucket at a URL, with obstore's options; it is asked when it is first used.

        Raises:
            UsageError: the URL or the options are not right.
        """
        endpoint = options.get("endpoint") or os.environ.get("AWS_ENDPOINT_URL") or os.environ.get("AWS_ENDPOINT", "")
        client: dict[str, Any] = {"connect_timeout": "5s", "read_timeout": "60s", "timeout": "1h"}
        if endpoint.startswith("http://"):
            client["allow_http"] = True
        patience = {
            "max_retries": 4,
            "retry_timeout": timedelta(seconds=30),
            "backoff": {"init_backoff": timedelta(seconds=0.1), "max_backoff": timedelta(seconds=3), "base": 2},
        }
        try:
            return cls(from_url(url, config=dict(options), client_options=client, retry_config=patience), url)
        except (exceptions.BaseError, ValueError) as error:
            reason = str(error).split("\n", 1)[0]
            raise UsageError(f"the store at {url} can't be opened ({reason}): correct its URL or settings.") from error

    def head(self, key: str) -> Any:
        """Return an object's size, last_modified and e_tag, or None where there is none."""
        try:
            return asked(self.url, lambda: obstore.head(self._bucket, key))
        except FileNotFoundError:
            return None

    def list(self, folder: str) -> Iterator[Any]:
        """Iterate over what `head` would return of all objects in a folder, with their path."""
        pages = iter(asked(self.url, lambda: obstore.list(self._bucket, prefix=folder)))
        while True:
            with telling(self.url):  # not asked again: a listing that broke off would seem to end there
                page = next(pages, None)
            if page is None:
                return
            yield from page

    def stream(self, key: str) -> Iterator[memoryview]:
        """Iterate over an object's bytes.

        Raises:
            FileNotFoundError: there is none.
        """
        pieces = asked(self.url, lambda: iter(obstore.get(self._bucket, key).stream(min_chunk_size=PIECE)))
        while True:
            with telling(self.url):  # not asked again, as in `list`
                piece = next(pieces, None)
            if piece is None:
                return
            yield memoryview(piece)

    def fetch(self, key: str, *, keep: bool) -> Fetched:
        """Fetch an object and digest it on the way.

        Raises:
            FileNotFoundError: there is none.
        """

        def fetched() -> Fetched:
            answer = obstore.get(self._bucket, key)
            size, digester, done = answer.meta["size"], Digester(), 0
            view = memoryview(bytearray(size if keep else 0))
            for piece in answer.stream(min_chunk_size=PIECE):
                got = memoryview(piece)
                digester.update(got)
                if keep:
                    view[done : done + got.nbytes] = got
                done += got.nbytes
            if done != size:
                raise Interrupted(f"{done} of {size} bytes arrived")
            return Fetched(digester.digest(), answer.meta["e_tag"] or "", view)

        return asked(self.url, fetched)

    def part(self, key: str, start: int, stop: int, tag: str) -> bytearray | None:
        """Fetch a part of an object, or None where it is another version of it than `tag`.

        Raises:
            FileNotFoundError: there is none.
        """
        options = {"range": (start, stop), "if_match": tag}
        try:
            return asked(self.url, lambda: bytearray(obstore.get(self._bucket, key, options=options).bytes()))
        except exceptions.PreconditionError:
            return None

    def put(self, key: str, data: bytes) -> None:
        """Put an object whatever was there."""
        self._put(key, lambda: data, use_multipart=False)

    def put_pieces(self, key: str, size: int, pieces: Callable[[], Iterator[memoryview]]) -> None:
        """Put an object of `size` bytes piece by piece; it is seen when all of it is there.

        Args:
            key: where.
            size: of the whole.
            pieces: iterates over it, from its beginning each time.
        """
        part = max(PIECE, -(-size // _PARTS))
        self._put(key, pieces, use_multipart=True, chunk_size=part, max_concurrency=_AT_ONCE)

    def create(self, key: str, data: bytes) -> bool:
        """Put an object where none was; False where one was."""
        writer = os.urandom(12).hex()
        try:
            self._put(key, lambda: data, mode="create", attributes={_WRITER: writer})
        except NotImplementedError:  # obstore's own local store keeps no attributes, and loses no answers
            return self._create_plainly(key, data)
        except exceptions.AlreadyExistsError:
            # Perhaps by ourselves: an answer that was lost on its way makes the request be sent again.
            return self._writer_of(key) == writer
        return True

    def copy(self, key: str, to: str) -> None:
        """Copy an object within the bucket.

        Raises:
            FileNotFoundError: there is none.
        """
        asked(self.url, lambda: obstore.copy(self._bucket, key, to))

    def delete(self, key: str) -> None:
        """Delete an object; no error where there is none."""
        try:
            asked(self.url, lambda: obstore.delete(self._bucket, key))
        except FileNotFoundError:
            return

    def _create_plainly(self, key: str, data: bytes) -> bool:
        try:
            self._put(key, lambda: data, mode="create")
        except exceptions.AlreadyExistsError:
            return False
        return True

    def _put(self, key: str, data: Callable[[], Any], **how: Any) -> None:
        try:
            asked(self.url, lambda: obstore.put(self._bucket, key, data(), **how))
        except FileNotFoundError as error:
            raise missing_bucket(self.url) from error

    def _writer_of(self, key: str) -> object:
        try:
            return asked(self.url, lambda: obstore.get(self._bucket, key).attributes.get(_WRITER))
        except FileNotFoundError:
            return None
