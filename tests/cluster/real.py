"""A real cluster, as the tests need one: a namespace for each test, and in it a user with our Role's rights alone."""

import json
import secrets
import time

from steppe.executors.kubernetes.cluster import Cluster, Refused, path_of
from steppe.executors.kubernetes.rights import REVIEWS, RIGHTS, SCHEDULING

USER = "steppe-tests"
ALL = (*RIGHTS, *SCHEDULING)
RBAC = "/apis/rbac.authorization.k8s.io/v1"


class Real:
    """A namespace of the cluster that KUBECONFIG names; whoever it names has to have all rights.

    Attributes:
        namespace: its own.
        user: who steps are run as: a service account.
        image: has Steppe and NumPy.
        uid: as which user pods run: who may write what the tests write.
        kubeconfig: names that user.
        absent: an image that no node has.
    """

    absent = "steppe-tests.invalid/absent:1"

    def __init__(self, image, uid, gid, folder):
        self.image, self.uid, self.gid = image, uid, gid
        self.admin = Cluster()
        self.namespace = f"steppe-tests-{secrets.token_hex(4)}"
        self.user = f"system:serviceaccount:{self.namespace}:{USER}"
        self._make("/api/v1/namespaces", {"kind": "Namespace", "metadata": {"name": self.namespace}})
        self._make(path_of("serviceaccounts", self.namespace), {"kind": "ServiceAccount", "metadata": {"name": USER}})
        self._rights = {(verb, what) for _, what, verbs in RIGHTS for verb in verbs}
        self._make(self._of_rbac("roles"), self._role())
        self._make(
            self._of_rbac("rolebindings"),
            {
                "kind": "RoleBinding",
                "metadata": {"name": USER},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": USER},
                "subjects": [{"kind": "ServiceAccount", "name": USER, "namespace": self.namespace}],
            },
        )
        self.kubeconfig = folder / "kubeconfig-of-tests"
        self.kubeconfig.write_text(json.dumps(self._config()))
        self.kubeconfig.chmod(0o600)
        self._known = Cluster()
        self._until(lambda: self._there("serviceaccounts", "default"))

    def _make(self, path, body):
        return self.admin.ask("POST", path, body=body)

    def _of_rbac(self, kind, *rest):
        return "/".join((RBAC, "namespaces", self.namespace, kind, *rest))

    def _role(self):
        rules = [
            {
                "apiGroups": [group],
                "resources": [what],
                "verbs": [verb for verb in verbs if (verb, what) in self._rights],
            }
            for group, what, verbs in ALL
        ]
        return {"kind": "Role", "metadata": {"name": USER}, "rules": [rule for rule in rules if rule["verbs"]]}

    def _config(self):
        configuration = self.admin._client()[0].configuration
        asked = {"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "spec": {"expirationSeconds": 3600}}
        path = path_of("serviceaccounts", self.namespace, USER, "token")
        cluster = {"server": configuration.host}
        if configuration.ssl_ca_cert:
            cluster["certificate-authority"] = configuration.ssl_ca_cert
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "tests",
            "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": USER, "namespace": self.namespace}}],
            "clusters": [{"name": "tests", "cluster": cluster}],
            "users": [{"name": USER, "user": {"token": self._make(path, asked)["status"]["token"]}}],
        }

    def _there(self, kind, name):
        try:
            return self.admin.ask("GET", path_of(kind, self.namespace, name))
        except Refused:
            return None

    def _until(self, there, seconds=30):
        last = time.monotonic() + seconds
        while not there():
            assert time.monotonic() < last, "the cluster has not done it"
            time.sleep(0.05)

    def close(self):
        """Delete the namespace with all that is in it."""
        self.admin.ask("DELETE", f"/api/v1/namespaces/{self.namespace}")

    # What any cluster of the tests can do

    @property
    def size(self):
        """How many nodes there are."""
        return len(self.admin.ask("GET", "/api/v1/nodes")["items"])

    def _all(self, kind):
        return self.admin.ask("GET", path_of(kind, self.namespace))["items"]

    @property
    def jobs(self):
        return self._all("jobs")

    @property
    def pods(self):
        return self._all("pods")

    @property
    def cron_jobs(self):
        return self._all("cronjobs")

    def delete(self, kind, namespace, name, options):
        """Delete an object, as somebody with all rights."""
        return self.admin.ask("DELETE", path_of(kind, namespace, name), body=options)

    def pod(self, shared):
        """Return what every step of a test asks for: an image, a folder at its own path, a user who may write there."""
        return {
            "image": self.image,
            "volumes": {str(shared): f"host:{shared}"},
            "security_context": {"runAsUser": self.uid, "runAsGroup": self.gid, "runAsNonRoot": self.uid != 0},
        }

    def settings(self, shared):
        """Return the same as the settings of a project, with its store in that folder."""
        store = shared / "store"
        store.mkdir(exist_ok=True)
        as_whom = f"runAsUser = {self.uid}, runAsGroup = {self.gid}, runAsNonRoot = {str(self.uid != 0).lower()}"
        return (
            f'[tool.steppe]\nstore = "{store}"\n[tool.steppe.profiles.kubernetes]\nimage = "{self.image}"\n'
            f'volumes = {{ "{shared}" = "host:{shared}" }}\nsecurity-context = {{ {as_whom} }}\n'
        )

    def forbid(self, verb, resource):
        """Take a right from the user; return once the cluster has heard of it."""
        self._rights.discard((verb, resource))
        self._change(verb, resource, allowed=False)

    def allow_schedules(self):
        """Give the user the rights of who makes schedules, too; return once the cluster has heard of it."""
        self._rights |= {(verb, what) for _, what, verbs in SCHEDULING for verb in verbs}
        self._change("delete", "cronjobs", allowed=True)

    def _change(self, verb, resource, *, allowed):
        self.admin.ask("PUT", self._of_rbac("roles", USER), body=self._role())
        group = next(group for group, what, _ in ALL if what == resource)
        name, _, part = resource.partition("/")
        attributes = {"namespace": self.namespace, "group": group, "resource": name, "verb": verb, "subresource": part}
        body = {"kind": "SubjectAccessReview", "apiVersion": "authorization.k8s.io/v1"}
        body["spec"] = {"user": self.user, "resourceAttributes": attributes}
        path = REVIEWS.replace("selfsubject", "subject")
        self._until(lambda: self._make(path, body)["status"]["allowed"] == allowed)

    def keep_secret(self, name, **values):
        """Make a secret."""
        self._make(
            path_of("secrets", self.namespace), {"kind": "Secret", "metadata": {"name": name}, "stringData": values}
        )

    def limit(self, **hard):
        """Give the namespace a quota; `__` stands for a dot in a resource's name, `_` for a slash."""
        named = {name.replace("__", ".").replace("_", "/"): value for name, value in hard.items()}
        body = {"kind": "ResourceQuota", "metadata": {"name": "compute"}, "spec": {"hard": named}}
        self._make(path_of("resourcequotas", self.namespace), body)
        self._until(lambda: (self._there("resourcequotas", "compute").get("status") or {}).get("hard") == named)

    def restrict(self):
        """Enforce the restricted pod security standard."""
        found = self.admin.ask("GET", f"/api/v1/namespaces/{self.namespace}")
        found["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] = "restricted"
        self.admin.ask("PUT", f"/api/v1/namespaces/{self.namespace}", body=found)
