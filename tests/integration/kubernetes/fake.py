"""A cluster on this machine: an API server, a Job controller, a scheduler, a kubelet that runs pods as processes."""

import contextlib
import hashlib
import json
import secrets
import shutil
import subprocess
import threading
import time
from functools import cache
from pathlib import Path

from tests.integration.kubernetes.cron_controller import CronController, merged, wrong
from tests.integration.kubernetes.job_controller import JobController, faults
from tests.integration.kubernetes.kubelet import Kubelet
from tests.integration.kubernetes.objects import Objects, now
from tests.integration.kubernetes.quantities import asked
from tests.integration.kubernetes.server import GROUPS, Front, Refused, missing


@cache
def _made_certificate():
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=fake"
    command += " -keyout - -out - -addext subjectAltName=IP:127.0.0.1"
    return subprocess.run(command.split(), check=True, capture_output=True, text=True).stdout


def certificate(folder):
    """Write a certificate for this machine, and its key; None where `openssl` is not there."""
    if shutil.which("openssl") is None:
        return None
    made = Path(folder, "certificate.pem")
    made.write_text(_made_certificate())
    return made


class Fake(Front):
    """One cluster with one node, unless a test says otherwise.

    Attributes:
        nodes: what each node has, by name.
        images: those that can be pulled.
        quota: what all pods of a namespace may ask for together, or None.
        restricted: whether the namespace enforces the restricted pod security standard.
        secrets: secrets of the namespace: keys and values by name.
        delay: seconds that each controller takes.
        clock: tells the CronJob controller the time.
        since: when CronJobs were made, by that clock.
        namespace: where steps run; it alone is there.
        kubeconfig: the file that names the cluster, once written.
    """

    namespace = "research"
    absent = "nowhere:9"

    def __init__(self, folder):
        super().__init__()
        self.folder = Path(folder)
        self.objects = Objects()
        self.nodes = {"node-1": {"cpu": 8, "memory": 64 * 2**30, "nvidia.com/gpu": 1}}
        self.images = {"steps:1"}
        self.quota = None
        self.restricted = False
        self.secrets = {}
        self.delay = 0.0
        self.ended_at = {}
        self.clock = time.time
        self.since = {}
        self.kubelet = Kubelet(self)
        self.certificate = certificate(self.folder)
        self.open()
        self._threads = [
            threading.Thread(target=self._control, args=(turn,), daemon=True)
            for turn in (
                JobController(self).turn,
                CronController(self).turn,
                self._schedule,
                self.kubelet.turn,
                self._expire,
            )
        ]
        self._running = True
        for thread in self._threads:
            thread.start()

    def close(self):
        self._running = False
        if self.serving:
            self.shut()
        with self.objects.changed:
            self.objects.changed.notify_all()
        for thread in self._threads:
            thread.join()
        self.kubelet.close()

    @property
    def config(self):
        """A kubeconfig for this cluster, as text; its token is in a file of its own, and read when it is asked for."""
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "fake",
            "contexts": [{"name": "fake", "context": {"cluster": "fake", "user": "ada", "namespace": "research"}}],
            "clusters": [{"name": "fake", "cluster": {"server": f"http://127.0.0.1:{self.port}"}}],
            "users": [{"name": "ada", "user": {"token": self.token}}],
        }

    def write_config(self, path):
        path = Path(path)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(self.config))
        fresh.replace(path)
        self.kubeconfig = path
        return path

    # What any cluster of the tests can do: tests/cluster has another one

    @property
    def size(self):
        """How many nodes there are."""
        return len(self.nodes)

    def pod(self, shared):
        """Return what every step of a test asks for: an image, and a folder at its own path."""
        return {"image": "steps:1", "volumes": {str(shared): f"host:{shared}"}}

    def settings(self, shared):
        """Return the same as the settings of a project, with its store in that folder."""
        store = shared / "store"
        store.mkdir(exist_ok=True)
        return (
            f'[tool.steppe]\nstore = "{store}"\n'
            f'[tool.steppe.profiles.kubernetes]\nimage = "steps:1"\nvolumes = {{ "{shared}" = "host:{shared}" }}\n'
        )

    def forbid(self, verb, resource):
        """Take a right from the user."""
        self.forbidden.add((verb, resource))

    def restrict(self):
        """Enforce the restricted pod security standard."""
        self.restricted = True

    def allow(self, account, rights):
        """Give a service account of the namespace rights: pairs of a verb and a resource."""
        self.accounts[secrets.token_hex(8)] = f"system:serviceaccount:research:{account}", set(rights)

    @staticmethod
    def image_id(image):
        """Return what a node tells of an image that it has pulled."""
        digest = hashlib.sha256(image.encode()).hexdigest()
        return f"docker.io/library/{image.partition(':')[0]}@sha256:{digest}"

    def limit(self, **hard):
        """Give the namespace a quota; `__` stands for a dot in a resource's name, `_` for a slash."""
        self.quota = {name.replace("__", ".").replace("_", "/"): value for name, value in hard.items()}
        quota = {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": "compute"},
            "spec": {"hard": self.quota},
        }
        self.objects.add("resourcequotas", self.namespace, quota)

    # The API's own rules

    def create(self, kind, namespace, body):
        name = body.get("metadata", {}).get("name")
        called = f"{kind}.batch" if kind in ("jobs", "cronjobs") else kind
        if kind == "cronjobs":
            causes = list(wrong(body))
            if causes:
                said = ", ".join(f"{cause['field']}: {cause['message']}" for cause in causes)
                raise Refused(422, "Invalid", f'CronJob.batch "{name}" is invalid: {said}', name=name, causes=causes)
            self.since[name] = self.clock()
        if kind == "jobs":
            causes = list(faults(body))
            if causes:
                said = ", ".join(f"{cause['field']}: {cause['message']}" for cause in causes)
                raise Refused(422, "Invalid", f'Job.batch "{name}" is invalid: {said}', name=name, causes=causes)
        body = {"apiVersion": GROUPS[kind][1], "kind": GROUPS[kind][2], **body, "status": {}}
        made = self.objects.add(kind, namespace, body)
        if made is None:
            raise Refused(409, "AlreadyExists", f'{called} "{name}" already exists', name=name, kind=kind)
        return made

    def patch(self, kind, namespace, name, change):
        found = self.objects.change(kind, namespace, name, lambda it: it.update(merged(it, change)))
        if found is None:
            raise missing(kind, name)
        return found

    def delete(self, kind, namespace, name, options):
        found = self.objects.get(kind, namespace, name)
        if found is None:
            raise missing(kind, name)
        if kind == "cronjobs":
            self.objects.remove(kind, namespace, name)
            for job in self.jobs_of(found):  # the garbage collector's work
                self.delete("jobs", namespace, job["metadata"]["name"], {"propagationPolicy": "Background"})
            return found
        if kind == "pods":
            self.kubelet.end(namespace, name)
            return found
        uid = (options.get("preconditions") or {}).get("uid")
        if uid is not None and uid != found["metadata"]["uid"]:
            message = (
                f"the UID in the precondition ({uid}) does not match the UID in record: {found['metadata']['uid']}"
            )
            raise Refused(409, "Conflict", f'Operation cannot be fulfilled on {kind} "{name}": {message}', name=name)
        policy = options.get("propagationPolicy")
        if policy == "Foreground":  # it stays until its pods are gone: the garbage collector's work
            stamp = {"deletionTimestamp": now(), "finalizers": ["foregroundDeletion"]}
            self.objects.change(kind, namespace, name, lambda it: it["metadata"].update(stamp))
        else:
            self.remove_job(namespace, name)
        if policy in ("Background", "Foreground"):
            for pod in self.pods_of(found):
                self.kubelet.end(namespace, pod["metadata"]["name"])
        if policy == "Foreground":
            return self.objects.get(kind, namespace, name) or found
        return {"kind": "Status", "apiVersion": "v1", "status": "Success", "details": {"name": name, "kind": kind}}

    def remove_job(self, namespace, name):
        self.ended_at.pop(name, None)
        self.objects.remove("jobs", namespace, name)

    # Controllers

    def _control(self, turn):
        while self._running:
            seen = self.objects.version
            turn()
            with self.objects.changed:
                if self._running and self.objects.version == seen:
                    self.objects.changed.wait(0.05)

    def jobs_of(self, cron_job):
        owners = ((job, job["metadata"].get("ownerReferences") or [{}]) for job in self.jobs)
        return [job for job, (owner, *_) in owners if owner.get("uid") == cron_job["metadata"]["uid"]]

    def pods_of(self, job):
        pods, _ = self.objects.list("pods", job["metadata"]["namespace"])
        return [pod for pod in pods if pod["metadata"]["ownerReferences"][0]["uid"] == job["metadata"]["uid"]]

    def _all(self, kind):
        with self.objects.changed:
            return [obj for (a_kind, _, _), obj in self.objects.by_key.items() if a_kind == kind]

    def events(self, name):
        return [event for event in self._all("events") if event["involvedObject"]["name"] == name]

    def set(self, obj, how):
        kind = {"Job": "jobs", "Pod": "pods", "CronJob": "cronjobs"}[obj["kind"]]
        self.objects.change(kind, obj["metadata"]["namespace"], obj["metadata"]["name"], how)

    def _schedule(self):
        for pod in list(self._all("pods")):
            if (
                pod["spec"].get("nodeName")
                or pod["status"].get("phase") != "Pending"
                or "deletionTimestamp" in pod["metadata"]
            ):
                continue
            lacking = {}
            for node, has in self.nodes.items():
                missing = self._missing(pod, node, has)
                if not missing:
                    self._bind(pod, node)
                    break
                for resource in missing:
                    lacking[resource] = lacking.get(resource, 0) + 1
            else:
                self._unschedulable(pod, lacking)

    def _missing(self, pod, node, has):
        taken = {}
        for other in self._all("pods"):
            if other["spec"].get("nodeName") == node and other["status"].get("phase") in ("Pending", "Running"):
                for name, value in asked(other).items():
                    taken[name] = taken.get(name, 0) + value
        return [name for name, value in asked(pod).items() if value + taken.get(name, 0) > has.get(name, 0)]

    def _unschedulable(self, pod, lacking):
        said = ", ".join(f"{count} Insufficient {name}" for name, count in lacking.items())
        message = (
            f"0/{len(self.nodes)} nodes are available: {said}. preemption: 0/{len(self.nodes)} nodes are available: "
            f"{len(self.nodes)} No preemption victims found for incoming pod."
            if self.nodes
            else "no nodes available to schedule pods"
        )
        condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
        if condition not in pod["status"].get("conditions", ()):
            self.set(pod, lambda it: it["status"].update(conditions=[condition]))
            self.objects.tell(pod["metadata"]["namespace"], pod, "FailedScheduling", message, "Warning")

    def _bind(self, pod, node):
        time.sleep(self.delay)

        def bound(it):
            it["spec"]["nodeName"] = node
            it["status"]["conditions"] = [{"type": "PodScheduled", "status": "True"}]

        self.set(pod, bound)

    def _expire(self):
        for job in list(self._all("jobs")):
            name, after = job["metadata"]["name"], job["spec"].get("ttlSecondsAfterFinished")
            ended = self.ended_at.get(name)
            if ended is not None and after is not None and time.monotonic() > ended + after:
                options = {"propagationPolicy": "Background", "preconditions": {"uid": job["metadata"]["uid"]}}
                with contextlib.suppress(Refused):  # somebody has deleted it meanwhile, or its name is another's by now
                    self.delete("jobs", job["metadata"]["namespace"], name, options)

    # What befalls a cluster

    def lose_node(self, name):
        """A node is gone: its pods' processes die unseen, and the cluster gives them up."""
        self.nodes.pop(name, None)
        for pod in list(self._all("pods")):
            if pod["spec"].get("nodeName") == name and pod["status"].get("phase") in ("Pending", "Running"):
                self.disrupt(pod, "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint")

    def disrupt(self, pod, reason, message="", *, gently=False):
        """The cluster takes a pod away; gently, it is asked to end first."""
        condition = {"type": "DisruptionTarget", "status": "True", "reason": reason, "message": message}
        self.set(pod, lambda it: it["status"].setdefault("conditions", []).append(condition))
        if gently:
            self.kubelet.end(pod["metadata"]["namespace"], pod["metadata"]["name"])
            return
        self.kubelet.kill(
            pod["metadata"]["namespace"], pod["metadata"]["name"], forget=reason == "DeletionByTaintManager"
        )

    @property
    def pods(self):
        return self._all("pods")

    @property
    def jobs(self):
        return self._all("jobs")

    @property
    def cron_jobs(self):
        return self._all("cronjobs")
