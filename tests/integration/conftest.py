"""Fixtures that several integration tests share."""

from postgres import postgres
from s3 import s3

__all__ = ["postgres", "s3"]
