"""What is said of a Job that waits, can't start, or has died: from objects such as a cluster gives (Kubernetes 1.36)."""

import pytest

from steppe.executors.kubernetes.ends import ended
from steppe.executors.kubernetes.refusals import refusal
from steppe.executors.kubernetes.seen import Seen
from steppe.executors.kubernetes.waiting import hopeless, waits

SPEC = {"nodeName": "node-3", "containers": [{"name": "step", "image": "registry.example/steps:1"}]}
SCHEDULED = {"type": "PodScheduled", "status": "True"}


def pod(phase="Pending", state=None, conditions=(SCHEDULED,), metadata=None, **status):
    statuses = [{"name": "step", "state": state}] if state else []
    whole = {"phase": phase, "conditions": list(conditions), "containerStatuses": statuses, **status}
    return {"metadata": metadata or {}, "spec": SPEC, "status": whole}


@pytest.mark.parametrize(
    ("asked", "told", "said"),
    [
        (
            "registry.example:5000/steps:1",
            "registry.example:5000/steps@sha256:0a",
            "registry.example:5000/steps:1@sha256:0a",
        ),
        ("steps", "docker-pullable://docker.io/library/steps@sha256:0a", "steps@sha256:0a"),
        ("registry.example/steps@sha256:0a", "registry.example/steps@sha256:0a", "registry.example/steps@sha256:0a"),
        ("steps:1", "sha256:0b", "steps:1 (sha256:0b)"),
        ("steps:1", "docker://sha256:0b", "steps:1 (sha256:0b)"),
        ("steps:1", "", ""),
    ],
)
def test_the_image_that_ran_is_told_with_its_digest(asked, told, said):
    status = {"containerStatuses": [{"name": "other", "imageID": "x@sha256:1"}, {"name": "step", "imageID": told}]}
    its = {"spec": {"containers": [{"name": "step", "image": asked}]}, "status": status}
    assert Seen(job={}, pod=its).ran_in == said
    assert Seen().ran_in == ""


def unschedulable(message):
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    return Seen(job={}, pod=pod(conditions=[condition]))


def waiting(reason, message="", events=()):
    return Seen(job={}, pod=pod(state={"waiting": {"reason": reason, "message": message}}), events=tuple(events))


def terminated(code, reason, message="", **status):
    return Seen(
        job={}, pod=pod("Failed", {"terminated": {"exitCode": code, "reason": reason, "message": message}}, **status)
    )


NOT_FOUND = (
    'Back-off pulling image "registry.example/steps:1": ErrImagePull: rpc error: code = NotFound desc = failed to pull '
    'and unpack image "registry.example/steps:1": failed to resolve reference "registry.example/steps:1": '
    "registry.example/steps:1: not found"
)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (
            (
                "0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 "
                "Insufficient memory. preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No "
                "preemption victims found for incoming pod."
            ),
            (
                "a node with room for it: of 3 nodes, 2 lack free memory, 1 has a taint that it does not "
                "tolerate {node-role.kubernetes.io/control-plane: }"
            ),
        ),
        (
            "0/1 nodes are available: 1 Insufficient nvidia.com/gpu.",
            "a node with room for it: of 1 node, 1 lacks nvidia.com/gpu",
        ),
        (
            "0/5 nodes are available: 4 node(s) didn't match Pod's node affinity/selector, 1 node(s) were unschedulable.",
            "a node with room for it: of 5 nodes, 4 have not the labels that it asks for, 1 takes no pods now",
        ),
        (
            '0/3 nodes are available: persistentvolumeclaim "data" not found. preemption: 0/3 nodes are available.',
            "the volume claim data, which does not exist",
        ),
        (
            "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.",
            "its volume claim to be bound to a volume",
        ),
        ("no nodes available to schedule pods", "a node: the cluster has none that takes pods"),
        (
            "0/2 nodes are available: 2 node(s) had volume node affinity conflict.",
            "a node: 0/2 nodes are available: 2 node(s) had volume node affinity conflict",
        ),
    ],
)
def test_a_pod_that_no_node_takes(message, said):
    assert waits(unschedulable(message)) == said
    assert ended(unschedulable(message)) is None


def test_a_job_without_a_pod_yet():
    assert waits(Seen()) == "the cluster to take its Job"
    assert waits(Seen(job={})) == "the cluster to make its pod"


def test_a_job_that_waits_in_a_queue():
    labels = {"kueue.x-k8s.io/queue-name": "team-a"}
    assert waits(Seen(job={"metadata": {"labels": labels}, "spec": {"suspend": True}})) == (
        "the queue team-a to admit it"
    )


def test_a_quota_that_is_used_up_keeps_the_pod_from_being_made():
    event = {
        "reason": "FailedCreate",
        "message": 'Error creating: pods "steppe-0-abc" is forbidden: exceeded quota: compute, requested: '
        "limits.memory=16Gi, used: limits.memory=20Gi, limited: limits.memory=32Gi",
    }
    assert waits(Seen(job={}, events=(event,))) == (
        "its pod, which may not be made: the quota compute of the namespace is used up: it asks for limits.memory=16Gi, "
        "and limits.memory=20Gi of limits.memory=32Gi are in use"
    )


def test_a_quota_that_wants_limits():
    message = 'pods "x" is forbidden: failed quota: compute: must specify limits.cpu for: step; limits.memory for: step'
    assert refusal(403, {"message": message}) == (
        "a quota of the namespace wants every pod to say limits.cpu for: step; limits.memory for: step: give `cpu` and "
        "`memory`"
    )


def test_an_image_on_its_way():
    assert waits(waiting("ContainerCreating")) == "its pod to start"
    assert waits(waiting("ContainerCreating", events=[{"reason": "Pulling"}])) == "its image registry.example/steps:1"
    mount = {"reason": "FailedMount", "message": 'MountVolume.SetUp failed for volume "x": secret "keys" not found'}
    assert "keys" in waits(waiting("ContainerCreating", events=[mount]))


def test_a_sandbox_that_can_not_be_made_for_now():
    event = {
        "reason": "FailedCreatePodSandBox",
        "message": "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "
        '"0c": plugin type="bridge" failed (add): failed to allocate for range 0: no IP addresses available',
    }
    assert waits(waiting("ContainerCreating", events=[event])) == (
        "its pod to start, which failed for now: failed to allocate for range 0: no IP addresses available"
    )


def test_an_image_that_is_not_there():
    once = waiting("ErrImagePull", NOT_FOUND.partition("ErrImagePull: ")[2])
    assert waits(once) == (
        "its image registry.example/steps:1, which can't be pulled: registry.example/steps:1: not found"
    )
    assert hopeless(once) == ""
    again = hopeless(waiting("ImagePullBackOff", NOT_FOUND))
    assert again == (
        "its image registry.example/steps:1 can't be pulled: registry.example/steps:1: not found. Correct `image`, or give "
        "`pull-secrets`"
    )


def test_a_registry_that_does_not_answer_may_yet():
    message = (
        'Back-off pulling image "registry.example/steps:1": ErrImagePull: rpc error: code = Unknown desc = failed to do '
        'request: Head "https://registry.example/v2/steps/manifests/1": dial tcp: i/o timeout'
    )
    assert hopeless(waiting("ImagePullBackOff", message)) == ""
    assert "i/o timeout" in waits(waiting("ImagePullBackOff", message))


@pytest.mark.parametrize(
    ("reason", "message", "said"),
    [
        ("InvalidImageName", "couldn't parse image name", "is no name of an image"),
        ("ErrImageNeverPull", "", "`pull-policy` is Never"),
        ("CreateContainerConfigError", 'secret "api" not found', "there is no secret api in its namespace"),
        (
            "CreateContainerConfigError",
            "couldn't find key token in Secret research/api",
            "the secret research/api has no key token",
        ),
        (
            "CreateContainerConfigError",
            "container has runAsNonRoot and image will run as root (pod: ...)",
            "its image runs as root",
        ),
    ],
)
def test_what_no_waiting_mends(reason, message, said):
    assert said in hopeless(waiting(reason, message))


def test_a_pod_that_runs_waits_for_nothing():
    seen = Seen(job={}, pod=pod("Running", {"running": {"startedAt": "…"}}))
    assert waits(seen) == ""
    assert hopeless(seen) == ""
    assert ended(seen) is None


def test_a_pod_that_did_its_work():
    seen = Seen(job={}, pod=pod("Succeeded", {"terminated": {"exitCode": 0, "reason": "Completed"}}))
    assert ended(seen).how == "done"


def test_a_step_that_used_too_much_memory():
    end = ended(terminated(137, "OOMKilled"), memory=16 * 2**30, reading=15.2 * 2**30)
    assert end.how == "killed"
    assert not end.again
    assert end.why == (
        "it used more than its memory of 16.0 GiB, and was killed; last reading 15.2 GiB: give more `memory`"
    )


def test_a_command_that_is_not_in_the_image():
    message = (
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "
        'unable to start container process: error during container init: exec: "python": executable file not found in '
        "$PATH"
    )
    for said in (message, f"{message}: unknown"):  # as containerd 2 and 1.6 have it
        end = ended(terminated(128, "StartError", said))
        assert end.how == "refused"
        assert end.why.endswith('"python": executable file not found in $PATH')


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (
            Seen(
                job={},
                pod=pod(
                    "Failed",
                    reason="Evicted",
                    message="The node was low on resource: ephemeral-storage. Threshold quantity: 1Gi, available: 9Mi. ",
                ),
            ),
            "it was evicted from its node node-3: the node was low on resource: ephemeral-storage",
        ),
        (
            terminated(
                137,
                "Error",
                conditions=[
                    {"type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler", "message": "…"}
                ],
            ),
            "it had to make room for a pod of higher priority",
        ),
        (
            Seen(
                job={},
                pod=pod(
                    "Failed",
                    conditions=[{"type": "DisruptionTarget", "status": "True", "reason": "DeletionByTaintManager"}],
                ),
            ),
            "its node node-3 was lost or drained",
        ),
        (
            Seen(
                job={},
                pod=pod(
                    "Failed", conditions=[{"type": "DisruptionTarget", "status": "True", "reason": "DeletionByPodGC"}]
                ),
            ),
            "its node node-3 is gone",
        ),
        (Seen(job={}, pod=pod("Failed", reason="NodeShutdown", message="…")), "its node node-3 was shut down"),
        (
            Seen(
                job={"status": {"conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}]}}
            ),
            "its pod was deleted, and left no result",
        ),
        (Seen(job={}, pod=pod("Running", {"running": {}}), gone=True), "its pod was deleted while it ran"),
        (
            Seen(
                job={},
                pod=pod(
                    "Running",
                    {"running": {}},
                    [{"type": "DisruptionTarget", "status": "True", "reason": "DeletionByTaintManager"}],
                ),
                gone=True,
            ),
            "its node node-3 was lost or drained",
        ),
    ],
)
def test_what_is_taken_away_may_be_tried_again(seen, said):
    end = ended(seen)
    assert end.how == "lost"
    assert end.again
    assert said in end.why


def test_a_job_that_somebody_deletes_is_not_tried_again():
    end = ended(Seen(pod=pod("Running", {"running": {}}), gone=True))
    assert (end.how, end.why, end.again) == ("lost", "its Job was deleted while it ran", False)
    assert ended(Seen()).why == "its Job was deleted before it began"


def test_a_deadline():
    assert ended(Seen(job={}, pod=pod("Failed", reason="DeadlineExceeded"))).how == "timeout"
    failed = {"type": "Failed", "status": "True", "reason": "DeadlineExceeded"}
    assert ended(Seen(job={"status": {"conditions": [failed]}})).how == "timeout"


def test_a_pod_that_is_killed():
    end = ended(terminated(137, "Error"))
    assert (end.how, end.again) == ("killed", True)
    assert end.why == "its pod was killed by signal 9 (SIGKILL) on node node-3"
    assert "signal 11" in ended(terminated(139, "Error")).why


def test_a_pod_that_ended_too_early_says_its_last_words():
    end = ended(terminated(1, "Error", "/usr/bin/python: No module named steppe"))
    assert end.how == "failed"
    assert end.why == ("its pod ended with exit code 1 before it was done: /usr/bin/python: No module named steppe")


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (
            403,
            {
                "message": 'jobs.batch is forbidden: User "system:serviceaccount:hub:ada" cannot create resource "jobs" in '
                'API group "batch" in the namespace "research"'
            },
            (
                "system:serviceaccount:hub:ada may not create jobs.batch in the namespace research: ask for a Role with this "
                "verb (`steppe manifest --rbac --namespace research --to hub:ada` prints one)"
            ),
        ),
        (
            403,
            {
                "message": 'secrets is forbidden: User "oidc:ada" cannot list resource "secrets" in API group "" in the '
                'namespace "research"'
            },
            "oidc:ada may not list secrets in the namespace research: ask for a Role with this verb",
        ),
        (
            403,
            {
                "message": 'pods "steppe-x" is forbidden: violates PodSecurity "restricted:latest": '
                "allowPrivilegeEscalation != false"
            },
            (
                "the namespace's pod security standard `restricted:latest` does not let its pod pass: "
                "allowPrivilegeEscalation != false"
            ),
        ),
        (
            422,
            {
                "message": 'Job.batch "steppe-x" is invalid: …',
                "details": {
                    "causes": [
                        {
                            "field": "spec.template.spec.containers[0].volumeMounts[1].name",
                            "reason": "FieldValueNotFound",
                            "message": 'Not found: "data"',
                        }
                    ]
                },
            },
            'the cluster does not take its Job: spec.template.spec.containers[0].volumeMounts[1].name: Not found: "data"',
        ),
        (401, {"message": "Unauthorized"}, "the cluster does not know who you are"),
        (404, {"message": 'namespaces "x" not found'}, 'the cluster has no such thing: namespaces "x" not found'),
        (500, {"message": "etcdserver: request timed out"}, "the cluster refuses (500): etcdserver: request timed out"),
        (418, {}, "the cluster refuses (418): it says no reason"),
    ],
)
def test_what_an_api_server_refuses(status, body, said):
    assert said in refusal(status, body)
