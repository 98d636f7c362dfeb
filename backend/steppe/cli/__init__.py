"""The command line."""

from steppe.cli.main import main

__all__ = ["main"]
