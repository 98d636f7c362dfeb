"""What a profile may ask of a cluster beside the options of `%%step`: one table, read like that of the options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from steppe.analysis import quantities
from steppe.analysis.option import Option, as_text
from steppe.analysis.ray_options import RAY_OPTIONS
from steppe.errors import BadOption

PULL_POLICIES = ("Always", "IfNotPresent", "Never")


def _policy(value: object) -> str | None:
    return next(
        (policy for policy in PULL_POLICIES if isinstance(value, str) and policy.lower() == value.lower()), None
    )


def _texts(value: object) -> dict[str, str] | None:
    """Return a table of texts; numbers and truth values are written as YAML would."""
    if not isinstance(value, dict):
        return None
    found = {}
    for name, item in value.items():
        if not isinstance(item, str | int | float):
            return None
        found[str(name)] = str(item).lower() if isinstance(item, bool) else str(item)
    return found


def _table(value: object) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None


def _tables(value: object) -> list[dict[str, Any]] | None:
    return value if isinstance(value, list) and all(isinstance(item, dict) for item in value) else None


def _requests(value: object) -> dict[str, Any] | None:
    readers = {"cpu": quantities.number, "memory": quantities.size, "ephemeral_storage": quantities.size}
    if not isinstance(value, dict):
        return None
    found = {key.replace("-", "_"): item for key, item in value.items()}
    if not set(found) <= set(readers):
        return None
    read: dict[str, Any] = {key: readers[key](item) for key, item in found.items()}
    return None if None in read.values() else read


def _references(value: object) -> dict[str, str] | None:
    """Return variables by name, each `SECRET/KEY`; a value in the place of a reference does not fit."""
    found = _texts(value)
    if found is None or not all(len(item.split("/")) == 2 and all(item.split("/")) for item in found.values()):
        return None
    return found


def _volumes(value: object) -> dict[str, Any] | None:
    if not isinstance(value, dict) or not all(str(path).startswith("/") for path in value):
        return None
    return value if all(isinstance(item, dict) or _is_volume(item) for item in value.values()) else None


def _is_volume(item: object) -> bool:
    if not isinstance(item, str):
        return False
    kind, _, rest = item.partition(":")
    return (kind in ("pvc", "config", "secret", "host") and bool(rest)) or kind == "empty"


def _volume(value: object) -> Any:
    return value if (isinstance(value, dict) and value) or _is_volume(value) else None


def _template(value: object) -> Any:
    return value if isinstance(value, dict) and value else as_text(value)


POD_OPTIONS: tuple[Option, ...] = (
    Option("context", as_text, "name a context of the kubeconfig", 'context = "team"', "which cluster"),
    Option("namespace", as_text, "name a namespace", 'namespace = "research"', "where its Jobs are made"),
    Option(
        "store",
        as_text,
        "give the path or URL under which pods reach the store",
        'store = "/mnt/steppe"',
        "how pods reach the store, where that is not as the kernel does: a mounted volume",
    ),
    Option("image", as_text, "name a container image", 'image = "registry/steps:1"', "with Steppe and packages in it"),
    Option("pull_policy", _policy, f"give {', '.join(PULL_POLICIES)}", 'pull-policy = "Always"', "when it is pulled"),
    Option("pull_secrets", quantities.words, "give names of secrets", 'pull-secrets = ["registry"]', "for the image"),
    Option("service_account", as_text, "name a service account", 'service-account = "steps"', "as whom the pod runs"),
    Option(
        "requests",
        _requests,
        "give a table of cpu, memory and ephemeral-storage",
        'requests = { cpu = 0.5, memory = "2Gi" }',
        "what is set aside, where that is less than the limits `cpu` and `memory`",
    ),
    Option(
        "ephemeral_storage",
        quantities.size,
        "give a size, such as 20Gi",
        'ephemeral-storage = "20Gi"',
        "disk in the pod",
    ),
    Option("shm", quantities.size, "give a size, such as 2Gi", 'shm = "2Gi"', "size of /dev/shm"),
    Option(
        "gpu_vendor",
        as_text,
        "give nvidia, amd, intel or the whole name of a resource",
        'gpu-vendor = "amd"',
        "what `gpu` counts",
    ),
    Option(
        "gpu_type", as_text, "give the value of the nodes' label", 'gpu-type = "NVIDIA-A100-SXM4-80GB"', "which GPUs"
    ),
    Option("node_selector", _texts, "give a table of labels", 'node-selector = { disk = "ssd" }', "on which nodes"),
    Option("affinity", _table, "give a table as in a pod", "affinity = { nodeAffinity = { … } }", "rules for nodes"),
    Option(
        "tolerations",
        _tables,
        "give a list of tables as in a pod",
        'tolerations = [{ key = "gpu" }]',
        "taints it bears",
    ),
    Option("priority_class", as_text, "name a priority class", 'priority-class = "low"', "who goes first"),
    Option("spot", quantities.truth, "give true or false", "spot = true", "nodes that may be taken away, for less"),
    Option("queue", as_text, "name a queue of Kueue", 'queue = "team-a"', "the Kueue queue that admits it"),
    Option(
        "volumes",
        _volumes,
        "give a table of absolute paths, each pvc:NAME, config:NAME, secret:NAME, host:/PATH, empty or a table",
        'volumes = { "/mnt/steppe" = "pvc:steppe" }',
        "what is mounted; `:ro` at the end for reading only",
    ),
    Option(
        "environments",
        _volume,
        "give pvc:NAME, host:/PATH, empty or a table",
        'environments = "pvc:environments"',
        "a volume on which environments are kept that uv makes of packages that an image has not",
    ),
    Option("environment", _texts, "give a table of texts", 'environment = { OMP_NUM_THREADS = "4" }', "variables"),
    Option(
        "secrets",
        _references,
        "give a table of variables, each SECRET/KEY: a reference, never a value",
        'secrets = { AWS_SECRET_ACCESS_KEY = "s3/secret" }',
        "variables whose values are in secrets of the cluster",
    ),
    Option(
        "security_context",
        _table,
        "give a table as in a pod",
        "security-context = { runAsUser = 2000 }",
        "over the default, which passes the restricted pod security standard",
    ),
    Option("labels", _texts, "give a table of texts", 'labels = { team = "vision" }', "of the Job and its pod"),
    Option("annotations", _texts, "give a table of texts", 'annotations = { cost = "42" }', "of the Job and its pod"),
    Option(
        "pod_template",
        _template,
        "give the path of a YAML file in the project, or a table",
        'pod-template = "pod.yaml"',
        "whatever else: merged over the pod",
    ),
    Option(
        "keep", quantities.duration, "give a duration, such as 1h", 'keep = "1h"', "how long it stays after its end"
    ),
    Option(
        "files_limit", quantities.size, "give a size, such as 1Gi", 'files-limit = "1Gi"', "data files that go along"
    ),
)
"""Every key of a profile that only Kubernetes needs, in the order in which help shows them."""

BY_NAME: dict[str, Option] = {option.name: option for option in (*POD_OPTIONS, *RAY_OPTIONS)}


def split(profile: Mapping[str, object]) -> tuple[dict[str, object], dict[str, Any]]:
    """Part a profile into options of `%%step` and, read, what only a cluster needs.

    Raises:
        BadOption: a value does not fit.
    """
    options: dict[str, object] = {}
    pod: dict[str, Any] = {}
    for key, raw in profile.items():
        option = BY_NAME.get(key.replace("-", "_"))
        if option is None:
            options[key] = raw
            continue
        value = option.read(raw)
        if value is None:
            raise BadOption(key, raw, option.wanted)
        pod[option.name] = value
    return options, pod
