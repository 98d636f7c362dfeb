"""What a profile may ask of a Ray cluster beside the options of `%%step`, in one table."""

from __future__ import annotations

import difflib
from typing import Any

from steppe.analysis import quantities
from steppe.analysis.option import Option, as_text
from steppe.errors import BadOption

RUNTIME_ENV = (
    "conda",
    "config",
    "env_vars",
    "excludes",
    "image_uri",
    "nsight",
    "pip",
    "py_executable",
    "py_modules",
    "uv",
    "worker_process_setup_hook",
    "working_dir",
)
"""The fields of a `runtime_env` that Ray knows."""

REMOTE = ("https://", "s3://", "gs://", "hdfs://", "abfss://", "azure://", "gcs://")


def _amounts(value: object) -> dict[str, float] | None:
    if not isinstance(value, dict):
        return None
    found = {str(name): quantities.number(amount) for name, amount in value.items()}
    return {name: amount for name, amount in found.items() if amount} if all(found.values()) else None


def _placement(value: object) -> str | None:
    text = as_text(value) or ""
    return text if text in ("pack", "spread") or (text.startswith("group:") and text != "group:") else None


def _runtime_env(value: object) -> dict[str, Any] | None:
    """Return a `runtime_env`; `-` and `_` are the same in its fields.

    Raises:
        BadOption: it has a field that Ray does not know, or that can't be one task's.
    """
    if not isinstance(value, dict):
        return None
    found = {str(name).replace("-", "_"): item for name, item in value.items()}
    for name, item in found.items():
        if name not in RUNTIME_ENV:
            near = difflib.get_close_matches(name, RUNTIME_ENV, n=1, cutoff=0.5)
            hint = f"did you mean `{near[0]}`" if near else f"there are {', '.join(RUNTIME_ENV)}"
            raise BadOption("runtime-env", name, f"Ray knows no such field: {hint}")
        if name == "working_dir" and not str(item).startswith(REMOTE):
            raise BadOption("runtime-env", f"{name}={item}", "a task can't bring a folder of this machine: give a URL")
    return found


RAY_OPTIONS: tuple[Option, ...] = (
    Option(
        "address",
        as_text,
        "give the host and port of the cluster's head",
        'address = "head:6379"',
        "which cluster; without it, a Ray of this machine is started",
    ),
    Option(
        "accelerator_type", as_text, "name a type of Ray's", 'accelerator-type = "A100"', "which GPUs, by Ray's names"
    ),
    Option(
        "resources",
        _amounts,
        "give a table of numbers above 0",
        "resources = { licence = 1 }",
        "custom resources of the cluster",
    ),
    Option(
        "placement",
        _placement,
        "give pack, spread or group:NAME",
        'placement = "spread"',
        "on which node: one in use, one as free as can be, or one of a named placement group",
    ),
    Option(
        "runtime_env",
        _runtime_env,
        "give a table of Ray's fields",
        'runtime-env = { pip = ["xgboost"] }',
        "packages, variables and folders that Ray brings to the node",
    ),
    Option(
        "lease",
        lambda value: found if isinstance(found := quantities.duration(value), float | int) else None,
        "give a duration, such as 90s, 5m or 2h",
        'lease = "5m"',
        "how long a step goes on, with the cluster raised for it (`workers`), once no kernel follows it; a minute if "
        "not given",
    ),
    Option(
        "autoscaling",
        quantities.truth,
        "give true or false",
        "autoscaling = true",
        "wait for a node that may come where none is large enough",
    ),
)
"""Every key of a profile that only Ray needs; `environment` and `node-selector` hold for both kinds of cluster."""
