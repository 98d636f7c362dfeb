"""What a step asks for, as Ray's options of a task; and what no node of a cluster has of it. Knows nothing of Ray."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from steppe.errors import UsageError
from steppe.executors.ray.messages import Node
from steppe.types import Resources
from steppe.wording import sized


def address_of(pod: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """Return the address of the cluster that a step goes to; empty for a local one.

    Raises:
        UsageError: it is no address of a cluster's head.
    """
    address = str(pod.get("address") or environ.get("RAY_ADDRESS") or "")
    if address in ("", "local"):
        return ""
    host, _, port = address.rpartition(":")
    if address != "auto" and not (host and port.isdigit() and "/" not in host):
        raise UsageError(f"address={address}: give the host and port of the cluster's head, such as head:6379.")
    return address


def task_options(resources: Resources, pod: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of the Ray task."""
    found: dict[str, Any] = {"num_cpus": resources.cpu}
    if resources.gpu:
        found["num_gpus"] = resources.gpu
    if resources.memory:
        found["memory"] = resources.memory
    for name in ("resources", "accelerator_type", "runtime_env"):
        if name in pod:
            found[name] = pod[name]
    if "node_selector" in pod:
        found["label_selector"] = pod["node_selector"]
    placement = str(pod.get("placement", ""))
    if placement.startswith("group:"):
        found["scheduling_strategy"] = {"group": placement.removeprefix("group:")}
    elif placement == "spread":
        found["scheduling_strategy"] = "SPREAD"
    return found


def asked(resources: Resources, pod: Mapping[str, Any]) -> str:
    """Say what a task waits for."""
    parts = [f"{resources.cpu:g} core{'s' * (resources.cpu != 1)}"] if resources.cpu else []
    parts += [f"{resources.gpu} GPU{'s' * (resources.gpu != 1)}"] if resources.gpu else []
    parts += [f"{sized(resources.memory)} of memory"] if resources.memory else []
    parts += [str(pod["accelerator_type"])] if "accelerator_type" in pod else []
    parts += [f"{amount:g} {name}" for name, amount in pod.get("resources", {}).items()]
    wanted = f"a node with {', '.join(parts)} free" if parts else "a worker of the cluster"
    return f"{wanted}, and its runtime-env" if "runtime_env" in pod else wanted


def lacking(wanted: Mapping[str, Any], nodes: Iterable[Node]) -> str:
    """Return what no node has as much of as is asked for, in words; nothing where one has all of it."""
    needed = {"CPU": wanted.get("num_cpus", 0), "GPU": wanted.get("num_gpus", 0), "memory": wanted.get("memory", 0)}
    needed |= wanted.get("resources", {})
    if "accelerator_type" in wanted:
        needed[f"accelerator_type:{wanted['accelerator_type']}"] = 0.001
    there = [node.resources for node in nodes]
    if any(all(node.get(name, 0) >= amount for name, amount in needed.items() if amount) for node in there):
        return ""
    for name, amount in needed.items():
        most = max((node.get(name, 0) for node in there), default=0)
        if amount and most < amount:
            has, want = (sized(int(most)), sized(int(amount))) if name == "memory" else (f"{most:g}", f"{amount:g}")
            return f"no node of the cluster has {want} {name}: the largest has {has} ({AUTOSCALING})"
    return f"no node of the cluster has all that is asked for at once ({AUTOSCALING})"


AUTOSCALING = "where larger ones may come, say autoscaling = true in the profile"
