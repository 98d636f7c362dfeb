"""A kubelet, as far as pods of ours can tell: runs those that are bound to a node as processes of this machine."""

import itertools
import os
import re
import secrets
import shutil
import signal
import threading
import time
from pathlib import Path

from tests.integration.kubernetes.objects import now
from tests.integration.kubernetes.quantities import amount
from tests.integration.kubernetes.sandbox import PYTHON, Container

ACCOUNT = "/run/secrets/kubernetes.io/serviceaccount"
"""Where a pod finds what its service account knows the cluster by: `/var/run` is a link to `/run`."""


class Kubelet:
    """Runs the pods that are bound to a node."""

    def __init__(self, fake):
        self.fake = fake
        self._containers = {}
        self._begun = set()
        self._threads = []
        self._addresses = itertools.count(2)

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

        self.fake.set(pod, change)

    def _run(self, pod, key):
        (container,) = pod["spec"]["containers"]
        self._state(pod, "Pending", waiting={"reason": "ContainerCreating"})
        if not self._pull(pod, container) or not self._configured(pod, container):
            return
        if self._leaving(key):
            self.fake.objects.remove("pods", *key)
            return
        number = next(self._addresses)
        address = f"127.1.{number // 250}.{number % 250 + 1}"
        environ = self._environ(pod, container, address)
        mounts, readonly = self._mounts(pod, container)
        try:
            made = Running(pod, container, environ, mounts, readonly, self.fake.folder)
        except OSError as error:
            self._state(pod, "Failed", terminated={"exitCode": 128, "reason": "StartError", "message": str(error)})
            return
        self._containers[key] = made
        self.fake.set(pod, lambda it: it["status"].update(podIP=address))
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

    def _environ(self, pod, container, address):
        """Return the environment of a container: nothing of this machine's."""
        found = {"PATH": f"{PYTHON}:/usr/local/bin:/usr/bin:/bin", "HOSTNAME": host_of(pod)}
        found |= {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "TZ": "Pacific/Chatham", "LANG": "C.UTF-8"}
        if pod["spec"].get("automountServiceAccountToken"):
            found |= {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(self.fake.secure_port)}
        found["PYTHONHASHSEED"] = str(secrets.randbelow(10**6))
        for each in container.get("env") or ():
            source = each.get("valueFrom", {})
            if reference := source.get("secretKeyRef"):
                found[each["name"]] = self.fake.secrets[reference["name"]][reference["key"]]
            elif field := source.get("fieldRef"):
                found[each["name"]] = address if field["fieldPath"] == "status.podIP" else _annotation(pod, field)
            else:
                found[each["name"]] = each["value"]
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


def host_of(pod):
    """Return a pod's own name for itself."""
    return pod["spec"].get("hostname", pod["metadata"]["name"])


def _annotation(pod, field):
    kind, name = re.fullmatch(r"metadata\.(annotations|labels)\['(.+)'\]", field["fieldPath"]).groups()
    return pod["metadata"].get(kind, {}).get(name, "")


class Running(Container):
    """A container with what the kubelet knows of it."""

    def __init__(self, pod, container, environ, mounts, readonly, folder):
        (folder / "logs").mkdir(exist_ok=True)
        self.over = threading.Event()
        self.too_much = self.forgotten = False
        argv = [
            re.sub(r"\$\((\w+)\)", lambda found: environ.get(found[1], found[0]), each)
            for each in (*container["command"], *container["args"])
        ]
        if not any(os.access(f"{path}/{argv[0]}", os.X_OK) for path in environ["PATH"].split(":")):
            raise FileNotFoundError(
                "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create "
                f'failed: unable to start container process: exec: "{argv[0]}": executable file not found in '
                "$PATH: unknown"
            )
        log = folder / "logs" / pod["metadata"]["name"]
        super().__init__(host_of(pod), argv, environ, mounts, log, readonly)

    def written(self, seconds):
        """Wait a moment for more."""
        self.over.wait(seconds)
