"""What a pod could not do without, known before anything is launched: an image, a store within its reach."""

from __future__ import annotations

from typing import Any

from steppe.executors.executor import Launch
from steppe.executors.kubernetes.volumes import mounted

SYSTEM = frozenset(
    {"", "/", "/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/sbin", "/sys", "/usr", "/var"}
)
"""Folders that a pod needs as its image has them."""


def unreachable(launch: Launch, pod: dict[str, Any]) -> str:
    """Return what is missing, in words; nothing where all is well."""
    if not pod.get("image"):
        return (
            "no image is named: give `image=` a container image with Steppe and the step's packages, or set it for all "
            'steps: [tool.steppe.profiles.kubernetes] image = "…"'
        )
    store, volumes = str(pod.get("store", launch.store)), pod.get("volumes", {})
    if "://" not in store and not mounted(store, volumes):
        return (
            f'its pod could not reach the store {store}: set one that pods reach, [tool.steppe] store = "s3://…", or '
            "mount this one: `volumes` and `store` in [tool.steppe.profiles.kubernetes]"
        )
    if launch.root and launch.root.rstrip("/") in SYSTEM:
        return f"the project's folder {launch.root} is one of the system's: give the project a folder of its own"
    return ""
