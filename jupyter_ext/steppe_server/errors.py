"""What is refused, in one sentence, and with which status."""

from __future__ import annotations


class Refused(Exception):
    """Something was asked that makes no sense."""

    status = 400


class NotFound(Refused):
    """There is no such thing."""

    status = 404


class Conflict(Refused):
    """It can't be done as things stand."""

    status = 409
