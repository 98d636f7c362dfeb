"""A cluster on this machine: an API server, a Job controller, a scheduler, a kubelet that runs pods as processes."""

import hashlib
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import threading
import time
from functools import cache
from pathlib import Path

from tests.integration.kubernetes.objects import Objects, now
from tests.integration.kubernetes.restricted import violations
from tests.integration.kubernetes.sandbox import PYTHON, Container
from tests.integration.kubernetes.server import GROUPS, Front, Refused, missing

ACCOUNT = "/run/secrets/kubernetes.io/serviceaccount"
"""Where a pod finds what its service account knows the cluster by: `/var/run` is a link to `/run`."""

SUFFIXES = {"m": 1e-3, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "k": 1e3, "M": 1e6, "G": 1e9, "": 1}


def amount(text):
    number, suffix = re.fullmatch(r"([\d.]+)(\w*)", str(text)).groups()
    return float(number) * SUFFIXES[suffix]


def written(number):
    return f"{number:.0f}" if number == int(number) else f"{number * 1000:.0f}m"


def asked(pod, what="requests"):
    found = {}
    for container in pod["spec"]["containers"]:
        resources = container.get("resources", {})
        for name, value in {**resources.get("limits", {}), **resources.get(what, {})}.items():
            found[name] = found.get(name, 0) + amount(value)
    return found


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
        self.kubelet = Kubelet(self)
        self.certificate = certificate(self.folder)
        self.open()
        self._threads = [
            threading.Thread(target=self._control, args=(turn,), daemon=True)
            for turn in (self._jobs, self._schedule, self.kubelet.turn, self._expire)
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
        called = f"{kind}.batch" if kind == "jobs" else kind
        if kind == "jobs":
            causes = list(_faults(body))
            if causes:
                said = ", ".join(f"{cause['field']}: {cause['message']}" for cause in causes)
                raise Refused(422, "Invalid", f'Job.batch "{name}" is invalid: {said}', name=name, causes=causes)
        body = {"apiVersion": GROUPS[kind][1], "kind": GROUPS[kind][2], **body, "status": {}}
        made = self.objects.add(kind, namespace, body)
        if made is None:
            raise Refused(409, "AlreadyExists", f'{called} "{name}" already exists', name=name, kind=kind)
        return made

    def delete(self, kind, namespace, name, options):
        found = self.objects.get(kind, namespace, name)
        if found is None:
            raise missing(kind, name)
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
            self._remove_job(namespace, name)
        if policy in ("Background", "Foreground"):
            for pod in self._pods_of(found):
                self.kubelet.end(namespace, pod["metadata"]["name"])
        if policy == "Foreground":
            return self.objects.get(kind, namespace, name) or found
        return {"kind": "Status", "apiVersion": "v1", "status": "Success", "details": {"name": name, "kind": kind}}

    def _remove_job(self, namespace, name):
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

    def _pods_of(self, job):
        pods, _ = self.objects.list("pods", job["metadata"]["namespace"])
        return [pod for pod in pods if pod["metadata"]["ownerReferences"][0]["uid"] == job["metadata"]["uid"]]

    def _all(self, kind):
        with self.objects.changed:
            return [obj for (a_kind, _, _), obj in self.objects.by_key.items() if a_kind == kind]

    def _jobs(self):
        for job in list(self._all("jobs")):
            status = job.get("status") or {}
            if "deletionTimestamp" in job["metadata"]:
                if not self._pods_of(job):
                    self._remove_job(job["metadata"]["namespace"], job["metadata"]["name"])
                continue
            if job["spec"].get("suspend") or any(
                c["type"] in ("Complete", "Failed") for c in status.get("conditions", ())
            ):
                continue
            pods = self._pods_of(job)
            if not status.get("startTime"):
                self._set(job, lambda it: it["status"].update(startTime=now(), active=1))
                self._make_pod(job)
            elif not pods and status.get("made"):
                self._finish(job, "Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit")
            elif not pods:
                self._make_pod(job)
            elif pods[0]["status"].get("phase") == "Succeeded":
                self._finish(job, "Complete", "CompletionsReached", "Reached expected number of succeeded pods")
            elif pods[0]["status"].get("phase") == "Failed":
                self._finish(job, "Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit")

    def _make_pod(self, job):
        time.sleep(self.delay)
        namespace, name = job["metadata"]["namespace"], job["metadata"]["name"]
        template = job["spec"]["template"]
        refused = self._admission(namespace, template)
        if refused:
            if not any(event["reason"] == "FailedCreate" for event in self.events(name)):
                self.objects.tell(namespace, job, "FailedCreate", f"Error creating: {refused}", "Warning")
            return
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": f"{name}-{secrets.token_hex(3)[:5]}",
                "labels": template["metadata"].get("labels", {})
                | {"batch.kubernetes.io/job-name": name, "job-name": name},
                "annotations": template["metadata"].get("annotations", {}),
                "ownerReferences": [{"kind": "Job", "name": name, "uid": job["metadata"]["uid"], "controller": True}],
            },
            "spec": template["spec"],
            "status": {"phase": "Pending"},
        }
        made = self.objects.add("pods", namespace, pod)
        self._set(job, lambda it: it["status"].update(made=True))
        self.objects.tell(namespace, job, "SuccessfulCreate", f"Created pod: {made['metadata']['name']}")
        current = self.objects.get("jobs", namespace, name)
        if current is None or "deletionTimestamp" in current["metadata"]:  # the garbage collector's work
            self.kubelet.end(namespace, made["metadata"]["name"])

    def _admission(self, namespace, template):
        broken = violations(template["spec"]) if self.restricted else []
        if broken:
            return f'pods "x" is forbidden: violates PodSecurity "restricted:latest": {", ".join(broken)}'
        if self.quota is None:
            return ""
        pods, _ = self.objects.list("pods", namespace)
        for name, limit in self.quota.items():
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

    def events(self, name):
        return [event for event in self._all("events") if event["involvedObject"]["name"] == name]

    def _finish(self, job, kind, reason, message):
        condition = {"type": kind, "status": "True", "reason": reason, "message": message, "lastTransitionTime": now()}
        self._set(job, lambda it: it["status"].update(conditions=[condition], active=0))
        self.ended_at[job["metadata"]["name"]] = time.monotonic()

    def _set(self, obj, how):
        kind = {"Job": "jobs", "Pod": "pods"}[obj["kind"]]
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
            self._set(pod, lambda it: it["status"].update(conditions=[condition]))
            self.objects.tell(pod["metadata"]["namespace"], pod, "FailedScheduling", message, "Warning")

    def _bind(self, pod, node):
        time.sleep(self.delay)

        def bound(it):
            it["spec"]["nodeName"] = node
            it["status"]["conditions"] = [{"type": "PodScheduled", "status": "True"}]

        self._set(pod, bound)

    def _expire(self):
        for job in list(self._all("jobs")):
            name, after = job["metadata"]["name"], job["spec"].get("ttlSecondsAfterFinished")
            ended = self.ended_at.get(name)
            if ended is not None and after is not None and time.monotonic() > ended + after:
                self.delete("jobs", job["metadata"]["namespace"], name, {"propagationPolicy": "Background"})

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
        self._set(pod, lambda it: it["status"].setdefault("conditions", []).append(condition))
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


def _faults(job):
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


class Kubelet:
    """Runs the pods that are bound to a node."""

    def __init__(self, fake):
        self.fake = fake
        self._containers = {}
        self._begun = set()
        self._threads = []
        self.oom = set()

    def container(self, namespace, name):
        return self._containers.get((namespace, name))

    def turn(self):
        for pod in list(self.fake.pods):
            key = pod["metadata"]["namespace"], pod["metadata"]["name"]
            if pod["spec"].get("nodeName") and key not in self._begun and "deletionTimestamp" not in pod["metadata"]:
                self._begun.add(key)
                thread = threading.Thread(target=self._run, args=(pod, key), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _state(self, pod, phase, **state):
        (container,) = pod["spec"]["containers"]
        ran = "waiting" not in state
        status = {"name": "step", "state": state, "restartCount": 0, "ready": "running" in state, "started": ran}
        status |= {"image": container["image"], "imageID": self.fake.image_id(container["image"]) if ran else ""}

        def change(it):
            it["status"]["containerStatuses"] = [status]
            it["status"]["phase"] = phase

        self.fake._set(pod, change)

    def _run(self, pod, key):
        (container,) = pod["spec"]["containers"]
        self._state(pod, "Pending", waiting={"reason": "ContainerCreating"})
        if not self._pull(pod, container) or not self._configured(pod, container):
            return
        if self._leaving(key):
            self.fake.objects.remove("pods", *key)
            return
        environ = self._environ(pod, container)
        mounts, readonly = self._mounts(pod, container)
        try:
            made = Running(pod["metadata"]["name"], container, environ, mounts, readonly, self.fake.folder)
        except OSError as error:
            self._state(pod, "Failed", terminated={"exitCode": 128, "reason": "StartError", "message": str(error)})
            return
        self._containers[key] = made
        self._state(pod, "Running", running={"startedAt": now()})
        if self._leaving(key):
            self.end(*key)
        threading.Thread(target=self._watch_memory, args=(made, container), daemon=True).start()
        code = made.wait()
        made.over.set()
        reason = "OOMKilled" if made.too_much else "Completed" if code == 0 else "Error"
        if not made.forgotten:
            state = {"exitCode": code, "reason": reason, "finishedAt": now()}
            self._state(pod, "Succeeded" if code == 0 else "Failed", terminated=state)
        self.fake.ended_at[key[1]] = time.monotonic()
        current = self.fake.objects.get("pods", *key)
        if current is not None and "deletionTimestamp" in current["metadata"]:
            self.fake.objects.remove("pods", *key)

    def _leaving(self, key):
        pod = self.fake.objects.get("pods", *key)
        return pod is None or "deletionTimestamp" in pod["metadata"]

    def _pull(self, pod, container):
        namespace, image = pod["metadata"]["namespace"], container["image"]
        if container.get("imagePullPolicy") == "Never" and image not in self.fake.images:
            message = f'Container image "{image}" is not present with pull policy of Never'
            self._state(pod, "Pending", waiting={"reason": "ErrImageNeverPull", "message": message})
            return False
        self.fake.objects.tell(namespace, pod, "Pulling", f'Pulling image "{image}"')
        if image in self.fake.images:
            time.sleep(self.fake.delay)
            self.fake.objects.tell(namespace, pod, "Pulled", f'Successfully pulled image "{image}" in 1ms')
            return True
        message = (
            f'rpc error: code = NotFound desc = failed to pull and unpack image "{image}": failed to resolve reference '
            f'"{image}": {image}: not found'
        )
        self._state(pod, "Pending", waiting={"reason": "ErrImagePull", "message": message})
        self.fake.objects.tell(namespace, pod, "Failed", f'Failed to pull image "{image}": {message}', "Warning")
        time.sleep(0.2)
        again = f'Back-off pulling image "{image}": ErrImagePull: {message}'
        self._state(pod, "Pending", waiting={"reason": "ImagePullBackOff", "message": again})
        return False

    def _configured(self, pod, container):
        for each in container.get("env") or ():
            reference = each.get("valueFrom", {}).get("secretKeyRef")
            if reference and reference["name"] not in self.fake.secrets:
                message = f'secret "{reference["name"]}" not found'
                self._state(pod, "Pending", waiting={"reason": "CreateContainerConfigError", "message": message})
                return False
        return True

    def _environ(self, pod, container):
        """Return the environment of a container: nothing of this machine's."""
        found = {"PATH": f"{PYTHON}:/usr/local/bin:/usr/bin:/bin", "HOSTNAME": pod["metadata"]["name"]}
        found |= {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "TZ": "Pacific/Chatham", "LANG": "C.UTF-8"}
        if pod["spec"].get("automountServiceAccountToken"):
            found |= {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(self.fake.secure_port)}
        found["PYTHONHASHSEED"] = str(secrets.randbelow(10**6))
        for each in container.get("env") or ():
            reference = each.get("valueFrom", {}).get("secretKeyRef")
            found[each["name"]] = self.fake.secrets[reference["name"]][reference["key"]] if reference else each["value"]
        return found

    def _mounts(self, pod, container):
        volumes = {volume["name"]: volume for volume in pod["spec"].get("volumes") or ()}
        mounts, readonly = [], set()
        if pod["spec"].get("automountServiceAccountToken"):
            mounts.append((self._account(pod), ACCOUNT))
            readonly.add(ACCOUNT)
        for mount in container.get("volumeMounts") or ():
            volume = volumes[mount["name"]]
            if "hostPath" in volume:
                source = Path(volume["hostPath"]["path"])
            else:
                source = self.fake.folder / "volumes" / pod["metadata"]["name"] / mount["name"]
            source.mkdir(parents=True, exist_ok=True)
            mounts.append((source, mount["mountPath"]))
            if mount.get("readOnly"):
                readonly.add(mount["mountPath"])
        return mounts, readonly

    def _account(self, pod):
        """Return the folder with what a pod's service account knows the cluster by."""
        namespace, account = pod["metadata"]["namespace"], pod["spec"].get("serviceAccountName", "default")
        folder = self.fake.folder / "volumes" / pod["metadata"]["name"] / "account"
        folder.mkdir(parents=True, exist_ok=True)
        user = f"system:serviceaccount:{namespace}:{account}"
        token = next((token for token, (who, _) in self.fake.accounts.items() if who == user), "")
        (folder / "namespace").write_text(namespace)
        (folder / "ca.crt").write_text(Path(self.fake.certificate).read_text())
        if not token:
            token = secrets.token_hex(8)
            self.fake.accounts[token] = user, set()
        (folder / "token").write_text(token)
        return folder

    def _watch_memory(self, made, container):
        limit = container.get("resources", {}).get("limits", {}).get("memory")
        while limit is not None and not made.over.wait(0.05):
            if made.memory() > amount(limit):
                made.too_much = True
                made.kill()

    def end(self, namespace, name):
        """Ask a pod to end, and make it after its grace."""
        pod = self.fake.objects.get("pods", namespace, name)
        if pod is None:
            return
        self.fake.objects.change(
            "pods", namespace, name, lambda it: it["metadata"].setdefault("deletionTimestamp", now())
        )
        made = self._containers.get((namespace, name))
        if made is None or made.over.is_set():
            if (namespace, name) not in self._begun or made is not None or not self._starting(pod):
                self.fake.objects.remove("pods", namespace, name)
            return
        made.signal(signal.SIGTERM)
        grace = pod["spec"].get("terminationGracePeriodSeconds", 30)
        threading.Timer(grace, made.kill).start()

    @staticmethod
    def _starting(pod):
        waiting = (pod["status"].get("containerStatuses") or [{}])[0].get("state", {}).get("waiting", {})
        return waiting.get("reason") == "ContainerCreating"

    def kill(self, namespace, name, *, forget=False):
        made = self._containers.get((namespace, name))
        if made is not None:
            made.forgotten = forget
            made.kill()
        if forget:
            if made is not None:
                made.over.wait(10)
            self.fake.objects.remove("pods", namespace, name)

    def close(self):
        for made in self._containers.values():
            made.kill()
        for thread in self._threads:
            thread.join(20)
        shutil.rmtree(self.fake.folder / "volumes", ignore_errors=True)


class Running(Container):
    """A container with what the kubelet knows of it."""

    def __init__(self, name, container, environ, mounts, readonly, folder):
        (folder / "logs").mkdir(exist_ok=True)
        self.over = threading.Event()
        self.too_much = self.forgotten = False
        argv = [*container["command"], *container["args"]]
        if not any(os.access(f"{path}/{argv[0]}", os.X_OK) for path in environ["PATH"].split(":")):
            raise FileNotFoundError(
                "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create "
                f'failed: unable to start container process: exec: "{argv[0]}": executable file not found in '
                "$PATH: unknown"
            )
        super().__init__(name, argv, environ, mounts, folder / "logs" / name, readonly)

    def written(self, seconds):
        """Wait a moment for more."""
        self.over.wait(seconds)
