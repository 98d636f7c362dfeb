"""On which nodes a pod may run: GPUs, spot nodes, affinity, tolerations."""

from __future__ import annotations

from typing import Any

from steppe.executors.kubernetes.template import merge

GPUS = {"nvidia": "nvidia.com/gpu", "amd": "amd.com/gpu", "intel": "gpu.intel.com/i915"}
"""The resource that `gpu` counts, by vendor; any other name is the resource itself."""

GPU_TYPES = {
    "nvidia": ("nvidia.com/gpu.product", "cloud.google.com/gke-accelerator", "k8s.amazonaws.com/accelerator"),
    "amd": ("amd.com/gpu.product-name",),
    "intel": ("gpu.intel.com/product",),
}
"""The labels of nodes that name the type of their GPUs: one of them has to fit."""

SPOT = {
    "cloud.google.com/gke-spot": "true",
    "eks.amazonaws.com/capacityType": "SPOT",
    "karpenter.sh/capacity-type": "spot",
    "kubernetes.azure.com/scalesetpriority": "spot",
}
"""What nodes that may be taken away are labelled and tainted with; each cloud has its own."""


def gpu_resource(vendor: str) -> str:
    """Return the name of the resource that `gpu` counts."""
    return GPUS.get(vendor.lower(), vendor)


def placement(pod: dict[str, Any], gpu: int) -> dict[str, Any]:
    """Return the part of a pod's spec that says where it may run.

    Args:
        pod: the profile's keys, read.
        gpu: how many GPUs are asked for.
    """
    spec: dict[str, Any] = {}
    tolerations = list(pod.get("tolerations", ()))
    groups: list[dict[str, tuple[str, ...]]] = []
    if gpu and "gpu_type" in pod:
        names = GPU_TYPES.get(pod.get("gpu_vendor", "nvidia").lower(), GPU_TYPES["nvidia"])
        groups.append(dict.fromkeys(names, (pod["gpu_type"],)))
    if pod.get("spot"):
        groups.append({label: (value,) for label, value in SPOT.items()})
        tolerations += [{"key": label, "operator": "Equal", "value": value} for label, value in SPOT.items()]
    if groups or "affinity" in pod:
        spec["affinity"] = _affinity(groups, pod.get("affinity", {}))
    if tolerations:
        spec["tolerations"] = tolerations
    if "node_selector" in pod:
        spec["nodeSelector"] = dict(pod["node_selector"])
    if "priority_class" in pod:
        spec["priorityClassName"] = pod["priority_class"]
    return spec


def _affinity(groups: list[dict[str, tuple[str, ...]]], asked: dict[str, Any]) -> dict[str, Any]:
    """Return an affinity by which nodes have to fit the groups as well as what the profile asks for."""
    if not groups:
        return asked
    terms = _terms(groups)
    theirs = asked.get("nodeAffinity", {}).get(_REQUIRED, {}).get("nodeSelectorTerms") or [{}]
    both = [
        {
            key: [*term.get(key, ()), *mine.get(key, ())]
            for key in ("matchExpressions", "matchFields")
            if key in term | mine
        }
        for term in theirs
        for mine in terms
    ]
    return merge(asked, {"nodeAffinity": {_REQUIRED: {"nodeSelectorTerms": both}}})  # type: ignore[no-any-return]


_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def _terms(groups: list[dict[str, tuple[str, ...]]]) -> list[dict[str, Any]]:
    """Return terms of which one has to hold: each takes one label of each group."""
    terms: list[list[dict[str, Any]]] = [[]]
    for group in groups:
        terms = [
            [*term, {"key": label, "operator": "In", "values": list(values)}]
            for term in terms
            for label, values in group.items()
        ]
    return [{"matchExpressions": term} for term in terms]
