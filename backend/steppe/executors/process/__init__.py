"""Local, isolated, warm workers, forked from a server that has the usual imports loaded; slots of the machine."""

from steppe.executors.process.executor import ProcessExecutor

__all__ = ["ProcessExecutor"]
