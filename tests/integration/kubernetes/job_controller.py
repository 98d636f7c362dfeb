"""The Job controller: makes the pods of Jobs, ends them where one has failed, and says how a Job has ended."""

import secrets
import time

from tests.integration.kubernetes.objects import now
from tests.integration.kubernetes.quantities import amount, asked, written
from tests.integration.kubernetes.restricted import violations

INDEX = "batch.kubernetes.io/job-completion-index"
LIMIT = "BackoffLimitExceeded", "Job has reached the specified backoff limit"


class JobController:
    """Works for one cluster."""

    def __init__(self, fake):
        self.fake = fake

    def turn(self):
        for job in self.fake.jobs:
            status, metadata = job.get("status") or {}, job["metadata"]
            if "deletionTimestamp" in metadata:
                if not self.fake.pods_of(job):
                    self.fake.remove_job(metadata["namespace"], metadata["name"])
            elif not job["spec"].get("suspend") and not any(
                each["type"] in ("Complete", "Failed") for each in status.get("conditions", ())
            ):
                self._see_to(job, status)

    def _see_to(self, job, status):
        count = job["spec"].get("completions", 1)
        pods = {int(pod["metadata"]["annotations"].get(INDEX, 0)): pod for pod in self.fake.pods_of(job)}
        made, phases = status.get("made", []), {index: pod["status"].get("phase") for index, pod in pods.items()}
        if not status.get("startTime"):
            self.fake.set(job, lambda it: it["status"].update(startTime=now(), active=count))
        if "Failed" in phases.values() or any(index not in pods for index in made):
            self._finish(job, "Failed", *LIMIT)
            for index, pod in pods.items():
                if phases[index] not in ("Succeeded", "Failed"):
                    self.fake.kubelet.end(pod["metadata"]["namespace"], pod["metadata"]["name"])
        elif list(phases.values()).count("Succeeded") == count:
            self._finish(job, "Complete", "CompletionsReached", "Reached expected number of succeeded pods")
        else:
            for index in range(count):
                if index not in made:
                    self._make_pod(job, index)
            if indexed(job):
                done = ",".join(str(index) for index in sorted(phases) if phases[index] == "Succeeded")
                self.fake.set(job, lambda it: it["status"].update(completedIndexes=done))

    def _make_pod(self, job, index):
        time.sleep(self.fake.delay)
        namespace, name = job["metadata"]["namespace"], job["metadata"]["name"]
        template = job["spec"]["template"]
        refused = self._admission(namespace, template)
        if refused:
            if not any(event["reason"] == "FailedCreate" for event in self.fake.events(name)):
                self.fake.objects.tell(namespace, job, "FailedCreate", f"Error creating: {refused}", "Warning")
            return
        numbered = {INDEX: str(index)} if indexed(job) else {}
        own = f"{name}-{index}" if indexed(job) else name
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": f"{own}-{secrets.token_hex(3)[:5]}",
                "labels": template["metadata"].get("labels", {})
                | {"batch.kubernetes.io/job-name": name, "job-name": name}
                | numbered,
                "annotations": template["metadata"].get("annotations", {}) | numbered,
                "ownerReferences": [{"kind": "Job", "name": name, "uid": job["metadata"]["uid"], "controller": True}],
            },
            "spec": template["spec"] | ({"hostname": own} if indexed(job) else {}),
            "status": {"phase": "Pending"},
        }
        made = self.fake.objects.add("pods", namespace, pod)
        self.fake.set(job, lambda it: it["status"].setdefault("made", []).append(index))
        self.fake.objects.tell(namespace, job, "SuccessfulCreate", f"Created pod: {made['metadata']['name']}")
        current = self.fake.objects.get("jobs", namespace, name)
        if current is None or "deletionTimestamp" in current["metadata"]:  # the garbage collector's work
            self.fake.kubelet.end(namespace, made["metadata"]["name"])

    def _admission(self, namespace, template):
        broken = violations(template["spec"]) if self.fake.restricted else []
        if broken:
            return f'pods "x" is forbidden: violates PodSecurity "restricted:latest": {", ".join(broken)}'
        if self.fake.quota is None:
            return ""
        pods, _ = self.fake.objects.list("pods", namespace)
        for name, limit in self.fake.quota.items():
            what, _, resource = name.partition(".")
            mine = asked({"spec": template["spec"]}, what).get(resource, 0)
            used = sum(
                asked(pod, what).get(resource, 0)
                for pod in pods
                if pod["status"].get("phase") in ("Pending", "Running")
            )
            if mine + used > amount(limit):
                return (
                    f'pods "x" is forbidden: exceeded quota: compute, requested: {name}={written(mine)}, '
                    f"used: {name}={written(used)}, limited: {name}={limit}"
                )
        return ""

    def _finish(self, job, kind, reason, message):
        condition = {"type": kind, "status": "True", "reason": reason, "message": message, "lastTransitionTime": now()}
        self.fake.set(job, lambda it: it["status"].update(conditions=[condition], active=0))
        self.fake.ended_at[job["metadata"]["name"]] = time.monotonic()


def indexed(job):
    return job["spec"].get("completionMode") == "Indexed"


def faults(job):
    """Yield what an API server finds wrong with a Job's pod template."""
    spec = job["spec"]["template"]["spec"]
    names = {volume["name"] for volume in spec.get("volumes") or ()}
    for number, container in enumerate(spec["containers"]):
        at = f"spec.template.spec.containers[{number}]"
        if not container.get("image"):
            yield {"reason": "FieldValueRequired", "message": "Required value", "field": f"{at}.image"}
        for index, mount in enumerate(container.get("volumeMounts") or ()):
            if mount["name"] not in names:
                field = f"{at}.volumeMounts[{index}].name"
                yield {"reason": "FieldValueNotFound", "message": f'Not found: "{mount["name"]}"', "field": field}
