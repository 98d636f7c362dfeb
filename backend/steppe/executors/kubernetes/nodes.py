"""Several nodes for one step: one Indexed Job, whose pods are told their ranks as `torchrun` would tell them.

A pod can't know the first one's address before that has begun. So each worker writes its own down in the store, and
its code begins once all have: see `steppe.worker.group`. The cluster needs no Service, and nobody a right to make one.
"""

from __future__ import annotations

from typing import Any

INDEX = "batch.kubernetes.io/job-completion-index"
"""The annotation by which the cluster numbers an Indexed Job's pods, from 0."""

PORT = "29500"
"""Where the first node listens for the others, as `torchrun` has it; a profile's `environment` may say otherwise."""

ADDRESS = "POD_IP"
"""The variable that has a pod's own address."""


def indexed(nodes: int) -> dict[str, Any]:
    """Return how many pods a Job has: one that fails ends all, which begin again together."""
    many: dict[str, Any] = {"backoffLimit": 0, "completions": nodes, "parallelism": nodes}
    return {**many, "completionMode": "Indexed"} if nodes > 1 else many


def environment(nodes: int, port: str = PORT) -> list[dict[str, Any]]:
    """Return what tells the code in each pod which one it is; nothing where there is but one.

    Args:
        nodes: how many there are.
        port: where the first one listens.
    """
    if nodes == 1:
        return []
    rank = {"valueFrom": {"fieldRef": {"fieldPath": f"metadata.annotations['{INDEX}']"}}}
    own = {"valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}
    return [
        {"name": ADDRESS, **own},
        *({"name": name, **rank} for name in ("RANK", "NODE_RANK", "GROUP_RANK", "PET_NODE_RANK")),
        *({"name": name, "value": str(nodes)} for name in ("WORLD_SIZE", "PET_NNODES")),
        {"name": "LOCAL_RANK", "value": "0"},
        {"name": "LOCAL_WORLD_SIZE", "value": "1"},
        *({"name": name, "value": port} for name in ("MASTER_PORT", "PET_MASTER_PORT")),
    ]


def arguments(nodes: int) -> dict[str, str]:
    """Return the worker's arguments, into which each pod puts its own; none where there is but one."""
    return {"--nodes": str(nodes), "--rank": "$(RANK)", "--address": f"$({ADDRESS})"} if nodes > 1 else {}


def nodes_of(job: dict[str, Any] | None) -> int:
    """Return how many pods a Job has."""
    return int(((job or {}).get("spec") or {}).get("completions") or 1)


def rank_of(pod: dict[str, Any]) -> int:
    """Return which of its Job's pods one is, from 0."""
    return int((pod["metadata"].get("annotations") or {}).get(INDEX, 0))


def called(rank: int, nodes: int) -> str:
    """Return how people are told of a pod among several: `node 3 of 4 (rank 2)`."""
    return f"node {rank + 1} of {nodes} (rank {rank})"


def said_of(rank: int, nodes: int, why: str) -> str:
    """Say of which pod something is so, where there are several."""
    return f"{called(rank, nodes)}: {why}" if nodes > 1 else why
