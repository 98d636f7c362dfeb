r"""The file that a bundle is: every byte of it is signed, or has its digest in what is signed. Knows nothing of runs.

    STEPPE\r\n, the format's number (1 byte)
    the manifest's length (8 bytes, big-endian), the manifest (JSON), its signature (64 bytes, ed25519)
    the files, one after the other, in the manifest's order

There is no other byte, no name of a file that is not in the manifest, no link and no compression, so a small file can't
become a large one.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Self

import msgspec

from steppe.errors import UsageError
from steppe.sharing.makers import Maker, Signer, is_signed
from steppe.store.digest import Digester
from steppe.types import Buffer, Digest, Struct

MAGIC = b"STEPPE\r\n"
FORMAT = 1
SIGNATURE = 64
LARGEST_MANIFEST = 64 << 20
LARGEST = 1 << 40
"""Bytes of a bundle."""
PIECE = 1 << 20


class Item(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file in a bundle: `records`, `blob`, or `project` with its path; its size in bytes, and its digest."""

    kind: str
    size: int
    digest: Digest
    path: str = ""


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a bundle says of itself.

    Attributes:
        maker: who signed it.
        run: the Run's id.
        made: when, in seconds since 1970.
        items: its files, in the order in which they lie there.
    """

    maker: Maker
    run: str
    made: float
    items: tuple[Item, ...]


def write(
    path: Path, signer: Signer, run: str, made: float, items: list[Item], read: Callable[[Item], Iterable[Buffer]]
) -> int:
    """Write a bundle, whole or not at all; return its size.

    Args:
        path: where it goes.
        signer: signs it.
        run: the Run's id.
        made: the time.
        items: its files.
        read: gives the bytes of one.

    Raises:
        UsageError: it can't be written there, or what was read has changed meanwhile.
    """
    manifest = msgspec.json.encode(Manifest(maker=signer.maker(), run=run, made=made, items=tuple(items)))
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(fresh, "xb") as file:
            file.write(MAGIC + bytes([FORMAT]) + len(manifest).to_bytes(8, "big") + manifest)
            file.write(signer.sign(manifest))
            for item in items:
                file.writelines(read(item))
            size = file.tell()
        os.replace(fresh, path)
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror or error}.") from error
    finally:
        fresh.unlink(missing_ok=True)
    return size


class Bundle:
    """A bundle that is open, every byte of it verified.

    Attributes:
        manifest: what it says of itself.
    """

    def __init__(self, path: Path) -> None:
        """Open a bundle and verify all of it.

        Raises:
            UsageError: it is no bundle, of another format, or not as its maker has signed it.
        """
        self._path = path
        try:
            self._file: IO[bytes] = open(path, "rb")  # noqa: SIM115 (closed by `close`)
        except OSError as error:
            raise UsageError(f"{path} can't be read: {error.strerror}.") from error
        try:
            self.manifest, self._begin = self._read_head()
            self._verify()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def items(self, kind: str) -> Iterator[tuple[Item, Iterator[bytes]]]:
        """Yield the files of one kind, each with its pieces, which are to be read before the next one is asked for."""
        at = self._begin
        for item in self.manifest.items:
            if item.kind == kind:
                self._file.seek(at)
                yield item, self._pieces(item.size)
            at += item.size

    def _read_head(self) -> tuple[Manifest, int]:
        head = self._file.read(len(MAGIC) + 9)
        if not head.startswith(MAGIC) or len(head) < len(MAGIC) + 9:
            raise UsageError(f"{self._path} is no bundle of Steppe's, or its beginning is damaged.")
        if head[len(MAGIC)] != FORMAT:
            raise UsageError(
                f"{self._path} is a bundle of format {head[len(MAGIC)]}, and this Steppe reads format {FORMAT}: "
                "ask for one that is made by this version, or upgrade."
            )
        length = int.from_bytes(head[len(MAGIC) + 1 :], "big")
        if length > LARGEST_MANIFEST:
            self._refuse("its manifest is too large")
        manifest = self._file.read(length)
        signature = self._file.read(SIGNATURE)
        if len(manifest) < length or len(signature) < SIGNATURE:
            self._refuse("it is cut short")
        try:
            told = msgspec.json.decode(manifest, type=Manifest)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self._refuse("its manifest can't be read")
        if not is_signed(manifest, signature, told.maker):
            self._refuse("the signature does not fit")
        return told, len(head) + length + SIGNATURE

    def _verify(self) -> None:
        sizes = [item.size for item in self.manifest.items]
        if any(size < 0 for size in sizes) or sum(sizes) > LARGEST:
            self._refuse("its files have sizes that no file has")
        if os.fstat(self._file.fileno()).st_size != self._begin + sum(sizes):
            self._refuse("it is longer or shorter than its maker has signed")
        for item in self.manifest.items:
            digester = Digester()
            for piece in self._pieces(item.size):
                digester.update(piece)
            if digester.digest() != item.digest:
                self._refuse(f"{item.path or 'a value in it'} has changed")

    def _pieces(self, size: int) -> Iterator[bytes]:
        while size > 0:
            piece = self._file.read(min(size, PIECE))
            if not piece:
                self._refuse("it is cut short")
            size -= len(piece)
            yield piece

    def _refuse(self, why: str) -> Any:
        raise UsageError(f"{self._path} is not as its maker has signed it: {why}. Ask for it again.")
