"""A pod template of the user's, merged over the pod: tables by key, lists of named things by name, else replaced."""

from __future__ import annotations

from typing import Any

NAMES = {"volumeMounts": "mountPath", "ports": "containerPort"}
"""What the items of a list are told apart by, where that is not `name`."""


def merge(below: Any, over: Any, name: str = "") -> Any:
    """Return `below` with `over` laid over it; a key that is null in `over` is removed.

    Args:
        below: what is there.
        over: what wins.
        name: the key under which both stand.
    """
    if isinstance(below, dict) and isinstance(over, dict):
        merged = dict(below)
        for key, value in over.items():
            if value is None:
                merged.pop(key, None)
            else:
                merged[key] = merge(below.get(key), value, key)
        return merged
    if isinstance(below, list) and isinstance(over, list):
        by = NAMES.get(name, "name")
        if all(isinstance(item, dict) and by in item for item in (*below, *over)):
            merged_items = {item[by]: item for item in below}
            for item in over:
                merged_items[item[by]] = merge(merged_items.get(item[by]), item)
            return list(merged_items.values())
    return over
