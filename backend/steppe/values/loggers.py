"""Loggers: known by their names and by how they are set up, which is the process's own and is not carried along."""

from __future__ import annotations

import logging
import sys
from typing import Any

from steppe.values.walk import Encoder, Walk, refuse


def untouched(logger: logging.Logger) -> bool:
    """Tell whether a logger is as `getLogger` makes it: then its name is all that there is to keep."""
    return not (logger.handlers or logger.filters or logger.level or logger.disabled) and logger.propagate


def _put_logger(walk: Walk, value: logging.Logger) -> None:
    """Write a logger's name, and how it and those above it are set up."""
    walk.out += b"J"
    logger: Any = value
    while logger is not None:
        walk.tag(logger.name)
        walk.put((logger.level, logger.propagate, logger.disabled, len(logger.filters), len(logger.handlers)))
        for handler in logger.handlers:
            _put_handler(walk, handler)
        logger = logger.parent if logger.propagate else None


def _put_handler(walk: Walk, handler: logging.Handler) -> None:
    """Write a handler that shows what is logged; one that keeps it changes unseen.

    Raises:
        Unversionable: it is of another kind.
    """
    stream = getattr(handler, "stream", None)
    shows = type(handler) is logging.NullHandler or (
        isinstance(handler, logging.StreamHandler) and stream in (sys.stdout, sys.stderr)
    )
    if not shows:
        raise refuse(handler, "it is a handler of a logger, and keeps what is logged where that can't be seen")
    walk.tag(type(handler).__qualname__)
    walk.put((handler.level, stream is sys.stdout, handler.formatter))


logger: tuple[Encoder, bool] = (_put_logger, True)
