"""Questions to an API server whose answers are no success: what a real one said is kept in `recorded.json`.

`KUBECONFIG=… python -m tests.integration.kubernetes.questions` asks the real one that is named, and writes them.
"""

import json
import os
import re
import sys
import tempfile
from pathlib import Path

from steppe.executors.kubernetes.cluster import Cluster, Refused, path_of

RECORDED = Path(__file__).with_name("recorded.json")


def a_job(name, **step):
    container = {"name": "step", "image": "steps:1", "command": ["true"], "args": [], **step}
    spec = {"restartPolicy": "Never", "containers": [container]}
    template = {"metadata": {"labels": {"steppe/attempt": name}}, "spec": spec}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": {"template": template}}


def questions(namespace):
    """Return method, path, query and body of each, by name; they are asked in this order."""
    jobs, pods = path_of("jobs", namespace), path_of("pods", namespace)
    suspended = a_job("steppe-once")
    suspended["spec"]["suspend"] = True
    return {
        "made": ("POST", jobs, None, suspended),
        "made twice": ("POST", jobs, None, suspended),
        "a Job that is not there": ("GET", f"{jobs}/steppe-none", None, None),
        "deleting a Job that is not there": ("DELETE", f"{jobs}/steppe-none", None, None),
        "the log of a pod that is not there": ("GET", f"{pods}/steppe-none/log", {"follow": "true"}, None),
        "a watch from a version that is forgotten": (
            "GET",
            pods,
            {"watch": "true", "resourceVersion": "1", "timeoutSeconds": "1"},
            None,
        ),
        "no right to make Jobs": ("POST", jobs, None, a_job("steppe-forbidden")),
    }


def asked(cluster):
    """Return the answers that are no success, by question."""
    client, found = Cluster(), {}
    for name, (method, path, query, body) in questions(cluster.namespace).items():
        if name == "no right to make Jobs":
            cluster.forbid("create", "jobs")
        try:
            answer = b"".join(client.stream(path, query=query, silent=10.0)) if query else None
            if answer:
                found[name] = json.loads(answer.splitlines()[0])
            elif answer is None:
                client.ask(method, path, body=body)
        except Refused as error:
            found[name] = {"status": error.status, "body": error.body}
    return json.loads(plain(json.dumps(found), cluster))


def plain(text, cluster):
    """Return answers without what differs from cluster to cluster and from time to time."""
    text = text.replace(f'\\"{cluster.user}\\"', '\\"USER\\"').replace(f'\\"{cluster.namespace}\\"', '\\"NAMESPACE\\"')
    return re.sub(r"too old resource version: 1 \(\d+\)", "too old resource version: 1 (N)", text)


def main():
    from tests.cluster.real import Real

    folder = Path(tempfile.mkdtemp())
    cluster = Real("steps:1", os.getuid(), os.getgid(), folder)
    os.environ["KUBECONFIG"] = str(cluster.kubeconfig)
    try:
        RECORDED.write_text(json.dumps(asked(cluster), indent=1, sort_keys=True) + "\n")
    finally:
        cluster.close()


if __name__ == "__main__":
    sys.exit(main())
