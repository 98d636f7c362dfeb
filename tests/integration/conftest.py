"""Fixtures that several integration tests share."""

from postgres import postgres

__all__ = ["postgres"]
