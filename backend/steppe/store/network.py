"""Questions to an object store: asked again while it is worth it, and their failures as words."""

from __future__ import annotations

import contextlib
import logging
import os
import re
from collections.abc import Callable, Iterator
from typing import TypeVar

import stamina
from obstore import exceptions

from steppe.errors import StoreUnavailable

T = TypeVar("T")

PAUSES: dict[str, float] = {"wait_initial": 0.2, "wait_max": 5, "wait_jitter": 0}
"""Between retries, in seconds; without jitter, which is drawn from the generator that the notebook draws from."""

# A retry is our business, not the notebook's: without this, Python would print stamina's notes into the cell.
logging.getLogger("stamina").addHandler(logging.NullHandler())

_OWNER: dict[str, int] = {}
_NO_BUCKET = re.compile(r"NoSuchBucket|ContainerNotFound|specified bucket does not exist")
_REFUSED = re.compile(r"status code: 4(?!08|29)\d\d")  # too slow and too many may pass, other refusals do not


class Interrupted(Exception):
    """An answer broke off."""


def asked(url: str, question: Callable[[], T]) -> T:
    """Return the answer of the object store at `url`.

    Args:
        url: where it is, for people.
        question: asks it; may be called several times. It raises Interrupted where an answer broke off.

    Raises:
        FileNotFoundError: there is no such object.
        StoreUnavailable: it can't be reached, or does not let us in.
        obstore.exceptions.AlreadyExistsError, obstore.exceptions.PreconditionError: as asked for.
    """
    with telling(url):
        for attempt in stamina.retry_context(on=_may_pass, attempts=3, timeout=30, **PAUSES):
            with attempt:
                return question()
    raise AssertionError("the last attempt either returns or raises")


@contextlib.contextmanager
def telling(url: str) -> Iterator[None]:
    """Turn the failures of obstore into words, as `asked` does, without asking again."""
    _refuse_in_a_fork(url)
    try:
        yield
    except FileNotFoundError as error:
        if _NO_BUCKET.search(str(error)):
            raise missing_bucket(url) from error
        raise
    except (exceptions.AlreadyExistsError, exceptions.PreconditionError):
        raise
    except (exceptions.BaseError, Interrupted) as error:
        raise _unavailable(url, error) from error


def missing_bucket(url: str) -> StoreUnavailable:
    """Return the error for a bucket that is not there."""
    return StoreUnavailable(f"there is no bucket for the store at {url}: create it, or correct the URL.")


def _may_pass(error: Exception) -> bool:
    return isinstance(error, (exceptions.GenericError, Interrupted)) and not _REFUSED.search(str(error))


def _refuse_in_a_fork(url: str) -> None:
    """Refuse where obstore would wait for ever: its threads do not live on in a process that was forked off."""
    owner = _OWNER.setdefault("pid", os.getpid())
    if owner != os.getpid():
        raise StoreUnavailable(
            f"the store at {url} can't be used here, for this process was forked from one that had used an object "
            "store: start it with multiprocessing's `spawn` or `forkserver` instead."
        )


def _unavailable(url: str, error: Exception) -> StoreUnavailable:
    text = str(error)
    if _NO_BUCKET.search(text):
        return missing_bucket(url)
    reason = text.split("\n", 1)[0].strip().removesuffix(".")
    if isinstance(error, (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError)):
        return StoreUnavailable(
            f"the store at {url} does not let you in ({reason}): see that the credentials in the environment are "
            "right, and that they may read, write, list and delete there."
        )
    return StoreUnavailable(
        f"the store at {url} can't be reached ({reason}): see that the network, the endpoint and the credentials "
        "in the environment are right, then run again."
    )
