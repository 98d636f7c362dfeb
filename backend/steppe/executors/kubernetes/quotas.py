"""What the quotas of a namespace could ever let pass."""

from __future__ import annotations

import re
from typing import Any

from steppe.executors.kubernetes.cluster import Cluster, path_of
from steppe.executors.kubernetes.placement import gpu_resource
from steppe.types import Resources
from steppe.wording import sized

_AMOUNT = re.compile(r"([\d.]+)([A-Za-z]*)")
_UNITS = {"": 1.0, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15}
_UNITS |= {"Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50}


def amount(text: object) -> float:
    """Return a quantity of Kubernetes as a number; infinity for one that can't be read."""
    found = _AMOUNT.fullmatch(str(text))
    if found is None or found[2] not in _UNITS:
        return float("inf")
    return float(found[1]) * _UNITS[found[2]]


def quotas(cluster: Cluster, namespace: str) -> dict[str, dict[str, float]]:
    """Return the hard limits of a namespace's quotas, by name.

    Raises:
        Refused, Unreachable, UsageError: as the request.
    """
    found = cluster.ask("GET", path_of("resourcequotas", namespace), timeout=5.0)
    return {
        item["metadata"]["name"]: {key: amount(value) for key, value in (item["spec"].get("hard") or {}).items()}
        for item in found.get("items") or ()
    }


def missing(asked: Resources, pod: dict[str, Any], hard: dict[str, dict[str, float]]) -> str:
    """Return nothing where no quota is smaller than a step's pods together, else which is, in words."""
    gpu = gpu_resource(pod.get("gpu_vendor", "nvidia"))
    wants = {"cpu": asked.cpu, "memory": float(asked.memory or 0), gpu: float(asked.gpu)}
    words = {"cpu": "cpu", "memory": "memory", gpu: "gpu"}
    for name, limits in hard.items():
        for resource, wanted in wants.items():
            keys = (f"limits.{resource}", f"requests.{resource}", resource)
            limit = min((limits[key] for key in keys if key in limits), default=float("inf"))
            if asked.nodes * wanted > limit:
                show = _sized if resource == "memory" else _counted
                word = words[resource]
                return (
                    f"the quota {name} of the namespace allows {word}={show(limit)} for all pods together, and "
                    f"{word}={show(wanted)} was asked for{f' on {asked.nodes} nodes' if asked.nodes > 1 else ''}"
                )
    return ""


def _sized(amount: float) -> str:
    return sized(int(amount))


def _counted(amount: float) -> str:
    return f"{amount:g}"
