"""The rights that the executor needs in a namespace, and no more: as reviews to ask for, and as a Role to grant."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from steppe.executors.kubernetes.cluster import Cluster

RIGHTS = (
    ("batch", "jobs", ("create", "get", "list", "watch", "delete")),
    ("", "pods", ("list", "watch")),
    ("", "pods/log", ("get",)),
    ("", "events", ("list",)),
    ("", "resourcequotas", ("list",)),
)
"""API group, resource and verbs."""

SCHEDULING = (("batch", "cronjobs", ("create", "get", "patch", "delete")),)
"""What those need beside who make schedules there; drivers do not."""

FOR_WORDS = frozenset({"events", "resourcequotas"})
"""What is only asked to explain: a step runs without."""

REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


def role(namespace: str, subject: dict[str, Any], *, schedules: bool = False) -> list[dict[str, Any]]:
    """Return a Role with all the rights, and its binding.

    Args:
        namespace: where steps run.
        subject: who gets them, as a RoleBinding names it.
        schedules: whether they may make schedules there, too: a Role of its own.
    """
    name = "steppe-schedules" if schedules else "steppe"
    metadata = {"name": name, "namespace": namespace}
    rights = (*RIGHTS, *SCHEDULING) if schedules else RIGHTS
    rules = [{"apiGroups": [group], "resources": [what], "verbs": list(verbs)} for group, what, verbs in rights]
    group = "rbac.authorization.k8s.io"
    return [
        {"apiVersion": f"{group}/v1", "kind": "Role", "metadata": metadata, "rules": rules},
        {
            "apiVersion": f"{group}/v1",
            "kind": "RoleBinding",
            "metadata": metadata,
            "roleRef": {"apiGroup": group, "kind": "Role", "name": name},
            "subjects": [subject],
        },
    ]


def subject_of(name: str, namespace: str) -> dict[str, Any]:
    """Return whom a name means: `NAMESPACE:NAME` or `:NAME` is a service account, anything else a user."""
    space, colon, account = name.rpartition(":")
    if colon and "@" not in name and "/" not in name:
        return {"kind": "ServiceAccount", "name": account, "namespace": space or namespace}
    return {"kind": "User", "name": name, "apiGroup": "rbac.authorization.k8s.io"}


def asking(user: str, namespace: str, verb: str, resource: str) -> str:
    """Say how whoever gives rights comes by the one that is missing.

    Args:
        user: who lacks it, as an API server calls them.
        namespace: where.
        verb: what they may not do.
        resource: with what.
    """
    more = any(resource == what and verb in verbs for _, what, verbs in SCHEDULING)
    if not more and not any(resource == what and verb in verbs for _, what, verbs in RIGHTS):
        return "ask for a Role with this verb"
    account = user.removeprefix("system:serviceaccount:")
    where = f" --namespace {shlex.quote(namespace)}" if namespace else ""
    who = f" --to {shlex.quote(account)}" if account != user or ":" not in user else ""
    schedules = " --schedules" if more else ""
    return f"ask for a Role with this verb (`steppe manifest --rbac{schedules}{where}{who}` prints one)"


def lacking(cluster: Cluster, namespace: str) -> list[tuple[str, str]]:
    """Return the verbs and resources that this user has no right to.

    Raises:
        Refused, Unreachable, UsageError: as the requests.
    """
    found = []
    for group, resource, verbs in RIGHTS:
        name, _, part = resource.partition("/")
        for verb in verbs:
            asked = {"namespace": namespace, "group": group, "resource": name, "verb": verb}
            body = {
                "apiVersion": "authorization.k8s.io/v1",
                "kind": "SelfSubjectAccessReview",
                "spec": {"resourceAttributes": {**asked, **({"subresource": part} if part else {})}},
            }
            if not cluster.ask("POST", REVIEWS, body=body).get("status", {}).get("allowed"):
                found.append((verb, resource))
    return found
