"""Ambient state: settings that live outside of variables and change what code does. One small adapter for each owner.

An adapter reads what differs from its owner's defaults, as a flat dict, and writes such a dict so that just it holds.
So what a notebook has set is the same text in a kernel, a worker and a pod, whenever the library was imported.
"""

from steppe.worker.ambient.ambient import Ambient

__all__ = ["Ambient"]
