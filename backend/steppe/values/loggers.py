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
    if not shows(handler):
        raise refuse(handler, "it is a handler of a logger, and keeps what is logged where that can't be seen")
    walk.tag(type(handler).__qualname__)
    walk.put((handler.level, getattr(handler, "stream", None) is sys.stdout, handler.formatter))


def shows(handler: logging.Handler) -> bool:
    """Tell whether a handler does no more than write to the standard streams."""
    streams = (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)
    if type(handler) in (logging.StreamHandler, logging._StderrHandler):  # type: ignore[attr-defined]  # noqa: SLF001
        return any(handler.stream is stream for stream in streams)  # type: ignore[attr-defined]
    return type(handler) is logging.NullHandler


def keeping() -> str:
    """Name a logger that has got a handler which keeps what is logged, so that logging changes a value; else empty."""
    for name, found in [("root", logging.root), *logging.root.manager.loggerDict.items()]:
        if any(id(handler) not in AT_START and not shows(handler) for handler in getattr(found, "handlers", ())):
            return name
    return ""


AT_START = {
    id(handler)
    for found in (logging.root, *logging.root.manager.loggerDict.values())
    for handler in getattr(found, "handlers", ())
}
"""The handlers that were there before the notebook's first cell: the kernel's own."""


logger: tuple[Encoder, bool] = (_put_logger, True)
