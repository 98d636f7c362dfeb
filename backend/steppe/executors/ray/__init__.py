"""The executor `ray`: one Ray task for each attempt, on a cluster that is there or on one of this machine."""

from steppe.executors.ray.executor import RayExecutor

__all__ = ["RayExecutor"]
