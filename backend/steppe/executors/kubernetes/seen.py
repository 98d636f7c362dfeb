"""What a cluster shows of one attempt: its Job, its pod, the events about both. Plain dicts, read without surprise."""

from __future__ import annotations

from typing import Any

from steppe.executors.kubernetes.manifest import CONTAINER
from steppe.types import Struct


class Seen(Struct, frozen=True, kw_only=True):
    """What is known of an attempt at one moment.

    Attributes:
        job: its Job, or None where there is none.
        pod: its pod, as it was last seen; or None where there was none.
        gone: whether the pod is there no more.
        events: what the cluster tells of both, oldest first.
    """

    job: dict[str, Any] | None = None
    pod: dict[str, Any] | None = None
    gone: bool = False
    events: tuple[dict[str, Any], ...] = ()

    @property
    def deleted(self) -> bool:
        """Whether its Job is gone, or is going."""
        return self.job is None or "deletionTimestamp" in self.job.get("metadata", {})

    @property
    def phase(self) -> str:
        """The pod's phase, or nothing."""
        return str(self._status.get("phase", ""))

    @property
    def reason(self) -> str:
        """Why the pod as a whole is as it is, or nothing."""
        return str(self._status.get("reason") or "")

    @property
    def message(self) -> str:
        """The sentence that goes with the reason."""
        return str(self._status.get("message") or "")

    @property
    def image(self) -> str:
        """The image that was asked for."""
        for container in (self.pod or {}).get("spec", {}).get("containers", ()):
            if container.get("name") == CONTAINER:
                return str(container.get("image", ""))
        return ""

    @property
    def ran_in(self) -> str:
        """The image that its container was made from, with the digest that its node tells; empty where it told none."""
        for status in self._status.get("containerStatuses") or ():
            if status.get("name") == CONTAINER and status.get("imageID"):
                return _exact(self.image, str(status["imageID"]))
        return ""

    @property
    def _status(self) -> dict[str, Any]:
        found: dict[str, Any] = (self.pod or {}).get("status") or {}
        return found

    def condition(self, kind: str) -> dict[str, Any]:
        """Return a condition of the pod's."""
        return _condition(self._status, kind)

    def job_condition(self, kind: str) -> dict[str, Any]:
        """Return a condition of the Job's, where it holds."""
        found = _condition((self.job or {}).get("status") or {}, kind)
        return found if found.get("status") == "True" else {}

    def container(self, state: str) -> dict[str, Any]:
        """Return what is known of the container where it is `waiting`, `running` or `terminated`; else nothing."""
        for status in self._status.get("containerStatuses") or ():
            if status.get("name") == CONTAINER:
                found: dict[str, Any] = (status.get("state") or {}).get(state) or {}
                return found
        return {}

    def heard(self, reason: str) -> bool:
        """Tell whether there was an event with a reason."""
        return any(event.get("reason") == reason for event in self.events)

    def told(self, reason: str) -> str:
        """Return the last event's sentence with a reason."""
        for event in reversed(self.events):
            if event.get("reason") == reason:
                return str(event.get("message") or "")
        return ""


def _exact(asked: str, told: str) -> str:
    """Return an image as it was asked for, with the digest in what a node tells of it.

    A node tells `registry.example/steps@sha256:…`, which can be pulled again. Where it was not pulled but put there, it
    tells the digest of its configuration alone, which is no name for a registry.
    """
    name, _, digest = told.rpartition("@")
    if not name:
        return f"{asked} ({digest.rpartition('://')[2]})"
    return f"{asked.partition('@')[0]}@{digest}"


def _condition(status: dict[str, Any], kind: str) -> dict[str, Any]:
    for condition in status.get("conditions") or ():
        if condition.get("type") == kind:
            found: dict[str, Any] = condition
            return found
    return {}
