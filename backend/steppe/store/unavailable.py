"""Failures of files as words: which store, what is wrong with it, and what to do."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator

from steppe.errors import StoreUnavailable

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_TOO_MANY = frozenset({errno.EMFILE, errno.ENFILE})
_FORBIDDEN = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


@contextlib.contextmanager
def reaching(root: str) -> Iterator[None]:
    """Turn an OSError into a StoreUnavailable that says what to do about the store at `root`."""
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(_words(root, error)) from error


def _words(root: str, error: OSError) -> str:
    reason = error.strerror or str(error)
    if error.errno in _FULL:
        return f"the store at {root} is full ({reason}): free some space, for example with `steppe gc`, then run again."
    if error.errno in _TOO_MANY:
        return (
            f"the store at {root} can't be used ({reason}): close some, or allow more with `ulimit -n`, then run again."
        )
    if error.errno in _FORBIDDEN:
        return (
            f"the store at {root} may not be used as asked ({reason}): give yourself the right to, or set another "
            "one as `store` under [tool.steppe] in pyproject.toml or in STEPPE_STORE."
        )
    if error.errno == errno.ENOENT:
        return f"a part of the store at {root} was removed while it was in use ({error.filename}): run again."
    return f"the store at {root} can't be used ({reason}): see that its disk is sound and mounted, then run again."
