"""What an attempt waits for, in words for people, and what no waiting will mend. Pure functions of what is seen."""

from __future__ import annotations

import re

from steppe.executors.kubernetes.seen import Seen

LACKS = re.compile(r"(\d+) Insufficient ([\w/-]+(?:\.[\w/-]+)*)")
TAINTED = re.compile(r"(\d+) node\(s\) had (?:untolerated taint(?:\(s\))?|taint) ?(\{[^}]*\})?")
UNLIKE = re.compile(r"(\d+) node\(s\) didn't match (?:Pod's )?node (?:affinity/selector|selector|affinity)")
CLOSED = re.compile(r"(\d+) node\(s\) were unschedulable")
NODES = re.compile(r"0/(\d+) nodes are available")
CLAIM = re.compile(r"persistentvolumeclaim \"([^\"]+)\" not found")
RESOURCES = {"cpu": "free cores", "memory": "free memory", "ephemeral-storage": "free disk", "pods": "room for a pod"}

GONE = (
    "not found",
    "manifest unknown",
    "does not exist",
    "denied",
    "unauthorized",
    "authentication required",
    "forbidden",
)
"""How registries say that asking again is of no use."""


def waits(seen: Seen) -> str:
    """Return what an attempt waits for before its code runs; nothing once its container has begun."""
    if seen.pod is None:
        return _for_a_pod(seen)
    if seen.phase not in ("", "Pending"):
        return ""
    scheduled = seen.condition("PodScheduled")
    if scheduled.get("status") == "False":
        return unscheduled(str(scheduled.get("message") or ""))
    waiting = seen.container("waiting")
    reason, message = str(waiting.get("reason") or ""), str(waiting.get("message") or "")
    if reason in ("ErrImagePull", "ImagePullBackOff"):
        return f"its image {seen.image}, which can't be pulled: {root_cause(message)}"
    if reason in ("", "ContainerCreating", "PodInitializing"):
        volume = seen.told("FailedMount") or seen.told("FailedAttachVolume")
        if volume:
            return f"a volume: {volume}"
        failed = seen.told("FailedCreatePodSandBox")
        if failed:
            return f"its pod to start, which failed for now: {root_cause(failed)}"
        return f"its image {seen.image}" if seen.heard("Pulling") and not seen.heard("Pulled") else "its pod to start"
    return f"its container: {reason}{f' ({message})' if message else ''}"


def _for_a_pod(seen: Seen) -> str:
    job = seen.job
    if job is None:
        return "the cluster to take its Job"
    if job.get("spec", {}).get("suspend"):
        queue = job.get("metadata", {}).get("labels", {}).get("kueue.x-k8s.io/queue-name")
        return f"the queue {queue} to admit it" if queue else "its Job to be resumed"
    failed = seen.told("FailedCreate")
    if failed:
        return f"its pod, which may not be made: {quota(failed) or failed}"
    return "the cluster to make its pod"


def unscheduled(message: str) -> str:
    """Say why no node takes a pod, from the scheduler's sentence."""
    claim = CLAIM.search(message)
    if claim:
        return f"the volume claim {claim[1]}, which does not exist"
    if "unbound" in message and "PersistentVolumeClaim" in message:
        return "its volume claim to be bound to a volume"
    message = message.partition(" preemption:")[0]
    nodes = NODES.search(message)
    if nodes is None:
        return (
            "a node: the cluster has none that takes pods" if "no nodes available" in message else f"a node: {message}"
        )
    said = [
        *(f"{count} {_s(count, 'lack')} {RESOURCES.get(what, what)}" for count, what in LACKS.findall(message)),
        *(
            f"{count} {_have(count)} a taint that it does not tolerate{f' {taint}' if taint else ''}"
            for count, taint in TAINTED.findall(message)
        ),
        *(f"{count} {_have(count)} not the labels that it asks for" for count in UNLIKE.findall(message)),
        *(f"{count} {_s(count, 'take')} no pods now" for count in CLOSED.findall(message)),
    ]
    all_of = "of 1 node" if nodes[1] == "1" else f"of {nodes[1]} nodes"
    if not said:
        return f"a node: {message.rstrip('.')}"
    return f"a node with room for it: {all_of}, {', '.join(said)}"


def _s(count: str, verb: str) -> str:
    return f"{verb}s" if count == "1" else verb


def _have(count: str) -> str:
    return "has" if count == "1" else "have"


def hopeless(seen: Seen) -> str:
    """Return why an attempt can never start, in one sentence; nothing where waiting may help."""
    if seen.pod is None or seen.phase not in ("", "Pending"):
        return ""
    waiting = seen.container("waiting")
    reason, message = str(waiting.get("reason") or ""), str(waiting.get("message") or "")
    if reason == "InvalidImageName":
        return f"its image `{seen.image}` is no name of an image: correct `image`"
    if reason == "ErrImageNeverPull":
        return f"its image {seen.image} is not on the node, and `pull-policy` is Never"
    if reason == "ImagePullBackOff":
        why = root_cause(message or seen.told("Failed"))
        if any(word in why.lower() for word in GONE):
            return f"its image {seen.image} can't be pulled: {why}. Correct `image`, or give `pull-secrets`"
    if reason == "CreateContainerConfigError":
        return f"its container can't be set up: {_config_error(message)}"
    return ""


def _config_error(message: str) -> str:
    missing = re.search(r"(secret|configmap) \"([^\"]+)\" not found", message)
    if missing:
        return f"there is no {missing[1]} {missing[2]} in its namespace"
    key = re.search(r"couldn't find key (\S+) in (Secret|ConfigMap) (\S+)", message)
    if key:
        return f"the {key[2].lower()} {key[3]} has no key {key[1]}"
    if "runAsNonRoot" in message:
        return "its image runs as root: give `security-context = { runAsUser = … }` of a user in the image"
    return message


def root_cause(message: str) -> str:
    """Return the last part of a container runtime's chain of causes, which tells a person what is wrong."""
    text = message.partition("desc = ")[2] or message
    text = re.sub(r"^Back-off pulling image \"[^\"]*\":?\s*", "", text).strip() or text
    last = text.removesuffix(": unknown").rsplit(": ", 2)
    found = ": ".join(last[-2:]) if len(last) > 1 and len(last[-1]) < 40 else last[-1]
    return found.strip().rstrip(".") or "no reason is given"


QUOTA = re.compile(r"exceeded quota: ([^,]+), requested: (.+), used: (.+), limited: (.+?)$")


def quota(message: str) -> str:
    """Say which quota stands in the way, from an API server's sentence; nothing where it is about none."""
    found = QUOTA.search(message.strip())
    if found:
        name, requested, used, limited = found.groups()
        return (
            f"the quota {name} of the namespace is used up: it asks for {requested}, and {used} of {limited} are in use"
        )
    if "failed quota" in message and "must specify" in message:
        needed = message.rpartition("must specify")[2].strip().rstrip(".")
        return f"a quota of the namespace wants every pod to say {needed}: give `cpu` and `memory`"
    return ""
