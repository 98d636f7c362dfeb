"""Volumes as profiles write them, and as pods have them."""

from __future__ import annotations

from typing import Any


def volume(name: str, path: str, spec: str | dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a volume and its mount.

    Args:
        name: the volume's name in the pod.
        path: where it is mounted.
        spec: `pvc:NAME`, `config:NAME`, `secret:NAME`, `host:/PATH`, `empty` or `empty:SIZE`, with `:ro` at the end
            for one that is only read; or a table as in a pod, with the mount's own keys (`subPath`, `readOnly`) in it.
    """
    mount: dict[str, Any] = {"name": name, "mountPath": path}
    if isinstance(spec, dict):
        mount |= {key: value for key, value in spec.items() if key in MOUNT_KEYS}
        return {"name": name, **{key: value for key, value in spec.items() if key not in MOUNT_KEYS}}, mount
    text = spec.removesuffix(":ro")
    if text != spec:
        mount["readOnly"] = True
    kind, _, rest = text.partition(":")
    sources: dict[str, dict[str, Any]] = {
        "pvc": {"persistentVolumeClaim": {"claimName": rest}},
        "config": {"configMap": {"name": rest}},
        "secret": {"secret": {"secretName": rest}},
        "host": {"hostPath": {"path": rest}},
        "empty": {"emptyDir": {"sizeLimit": rest} if rest else {}},
    }
    return {"name": name, **sources[kind]}, mount


MOUNT_KEYS = frozenset({"subPath", "subPathExpr", "readOnly", "mountPropagation"})


def mounted(path: str, volumes: dict[str, Any]) -> str:
    """Return the folder among the mounted ones that holds a path in the pod; empty where none does."""
    holding = [folder for folder in volumes if (path + "/").startswith(folder.rstrip("/") + "/")]
    return max(holding, key=len, default="")
