"""What a Job looks like, from what was launched and what a profile asks of a cluster."""

import re
import tomllib

import pytest

from steppe.analysis.pod_options import POD_OPTIONS, split
from steppe.errors import BadOption
from steppe.executors.executor import Launch
from steppe.executors.kubernetes.manifest import job
from steppe.executors.kubernetes.names import job_name, label_value
from steppe.executors.kubernetes.placement import SPOT
from steppe.executors.kubernetes.template import merge
from steppe.types import Resources
from tests.integration.kubernetes.restricted import violations

ATTEMPT = "0123456789abcdefghijklmnop"


OWNER = {"project": "digits", "user": "ada", "notebook": "examples/digits.ipynb", "step": "train", "run": "r1"}


def made(profile="", template=None, **asked):
    options, pod = split(tomllib.loads(profile))
    assert not options
    launch = Launch(
        task="b3:" + "a" * 64,
        attempt=ATTEMPT,
        store="s3://bucket/store",
        label="train in examples/digits.ipynb",
        root="/home/ada/digits",
        folder="/home/ada/digits/examples",
        key=asked.pop("key", "b3:" + "c" * 64),
        owner=asked.pop("owner", OWNER),
        pod={"image": "registry.example/steps:1", **pod},
        **asked,
    )
    return job(launch, template)


def spec(*args, **kwargs):
    return made(*args, **kwargs)["spec"]["template"]["spec"]


def container(*args, **kwargs):
    (only,) = spec(*args, **kwargs)["containers"]
    return only


def test_a_job_without_a_key_is_named_by_its_attempt_and_is_run_once():
    whole = made(key=None)
    assert whole["metadata"]["name"] == job_name(ATTEMPT) == f"steppe-{ATTEMPT}"
    assert whole["spec"]["backoffLimit"] == 0
    assert whole["spec"]["template"]["spec"]["restartPolicy"] == "Never"
    assert whole["spec"]["ttlSecondsAfterFinished"] == 3600
    assert made('keep = "1d"')["spec"]["ttlSecondsAfterFinished"] == 86400


def test_a_job_is_named_by_its_key_and_by_the_store_that_its_result_goes_to():
    name = made()["metadata"]["name"]
    assert re.fullmatch("steppe-[0-9a-f]{40}", name)
    assert made(owner={"user": "grace"})["metadata"]["name"] == name
    mounted = 'store = "/mnt/steppe"\nvolumes = { "/mnt" = "pvc:%s" }'
    endpoint = 'environment = { AWS_ENDPOINT_URL = "http://%s" }'
    others = [made(key="b3:" + "d" * 64), *(made(text % one) for text in (mounted, endpoint) for one in ("a", "b"))]
    assert len({name, *(other["metadata"]["name"] for other in others)}) == 6


def test_labels_tell_whose_a_job_is_on_the_job_and_on_its_pod():
    whole = made('labels = { team = "vision" }')
    expected = {
        "app.kubernetes.io/managed-by": "steppe",
        "steppe/attempt": ATTEMPT,
        "steppe/key": "c" * 40,
        "steppe/project": "digits",
        "steppe/user": "ada",
        "steppe/notebook": "examples-digits.ipynb",
        "steppe/step": "train",
        "steppe/run": "r1",
        "team": "vision",
    }
    assert whole["metadata"]["labels"] == expected
    assert whole["spec"]["template"]["metadata"]["labels"] == expected
    assert whole["metadata"]["annotations"]["steppe/label"] == "train in examples/digits.ipynb"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("train", "train"),
        ("données/été.ipynb", "donnees-ete.ipynb"),
        ("数据", ""),
        ("a" * 80 + "/end", "a" * 59 + "-end"),
        ("-x_", "x"),
        ("…/" + "b" * 62 + "-" * 3, "b" * 62),
    ],
)
def test_any_text_makes_a_label(text, value):
    assert label_value(text) == value


def test_the_default_pod_passes_the_restricted_standard():
    assert violations(spec()) == []
    assert violations(spec('shm = "1Gi"\nsecrets = { TOKEN = "api/token" }', resources=Resources(gpu=1))) == []
    assert violations(spec("security-context = { allowPrivilegeEscalation = true }"))
    assert violations(spec('volumes = { "/data" = "host:/data" }'))


def test_the_pod_gets_no_rights_in_the_cluster():
    assert spec()["automountServiceAccountToken"] is False
    assert "serviceAccountName" not in spec()
    assert spec('service-account = "steps"')["serviceAccountName"] == "steps"


def test_environments_are_kept_on_a_volume_where_a_profile_names_one():
    made = spec('environments = "pvc:kept"')
    assert {"name": "environments", "persistentVolumeClaim": {"claimName": "kept"}} in made["volumes"]
    (one,) = made["containers"]
    assert {"name": "environments", "mountPath": "/steppe/environments"} in one["volumeMounts"]
    assert violations(made) == []


def test_the_worker_is_told_the_task_and_the_store_and_where_to_begin():
    made_container = container(timeout=90.0, resources=Resources(memory=2**30))
    assert made_container["command"] == ["python", "-m", "steppe.worker"]
    assert made_container["args"] == [
        *("b3:" + "a" * 64, "--watched", "--attempt", ATTEMPT, "--store", "s3://bucket/store"),
        *("--tier", "/steppe/store", "--environments", "/steppe/environments"),
        *("--root", "/home/ada/digits", "--folder", "/home/ada/digits/examples"),
        *("--timeout", "90", "--memory", str(2**30)),
    ]
    assert "/mnt/steppe" in container('store = "/mnt/steppe"')["args"]


def test_the_project_s_folder_is_an_empty_volume_at_its_own_path_unless_it_is_mounted():
    mounts = {mount["mountPath"]: mount["name"] for mount in container()["volumeMounts"]}
    assert mounts == {"/steppe": "work", "/home/ada/digits": "project"}
    mounts = {m["mountPath"]: m["name"] for m in container('volumes = { "/home/ada" = "pvc:homes" }')["volumeMounts"]}
    assert mounts == {"/steppe": "work", "/home/ada": "volume-0"}


def test_limits_are_requests_unless_the_profile_says_less():
    asked = Resources(cpu=2, memory=2**34)
    both = {"cpu": "2000m", "memory": str(2**34)}
    assert container(resources=asked)["resources"] == {"limits": both, "requests": both}
    less = container('requests = { cpu = 0.5, memory = "1Gi" }\nephemeral-storage = "20Gi"', resources=asked)
    assert less["resources"]["requests"] == {
        "cpu": "500m",
        "memory": str(2**30),
        "ephemeral-storage": str(20 * 2**30),
    }
    assert less["resources"]["limits"]["cpu"] == "2000m"


def test_gpus_are_counted_as_their_vendor_does():
    one = Resources(gpu=1)
    assert container(resources=one)["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert container('gpu-vendor = "amd"', resources=one)["resources"]["limits"]["amd.com/gpu"] == "1"
    slice_ = container('gpu-vendor = "nvidia.com/mig-1g.10gb"', resources=one)
    assert slice_["resources"]["limits"]["nvidia.com/mig-1g.10gb"] == "1"


def test_gpu_type_and_spot_hold_together_whatever_the_cloud_calls_them():
    found = spec('gpu-type = "A100"\nspot = true', resources=Resources(gpu=1))
    terms = found["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    pairs = [{rule["key"]: rule["values"][0] for rule in term["matchExpressions"]} for term in terms]
    assert {"nvidia.com/gpu.product": "A100", "karpenter.sh/capacity-type": "spot"} in pairs
    assert all(len(pair) == 2 and "A100" in pair.values() for pair in pairs)
    assert {"key": "cloud.google.com/gke-spot", "operator": "Equal", "value": "true"} in found["tolerations"]


def test_gpu_type_and_spot_hold_together_with_an_affinity_of_the_profile_s():
    found = spec(
        """
        gpu-type = "A100"
        spot = true
        [affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution]
        nodeSelectorTerms = [
          { matchExpressions = [{ key = "zone", operator = "In", values = ["a"] }] },
          { matchFields = [{ key = "metadata.name", operator = "In", values = ["n1"] }] },
        ]
        [[affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution]]
        weight = 1
        """,
        resources=Resources(gpu=1),
    )["affinity"]["nodeAffinity"]
    terms = found["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    for term in terms:
        rules = {rule["key"]: rule["values"][0] for rule in term["matchExpressions"]}
        assert "A100" in rules.values()
        assert rules.keys() & {*SPOT}
        assert (rules.get("zone") == "a") != ("matchFields" in term)
    assert len(terms) == 2 * 3 * 4
    assert found["preferredDuringSchedulingIgnoredDuringExecution"] == [{"weight": 1}]


def test_annotations_of_the_profile_are_the_job_s_and_the_pod_s():
    whole = made('annotations = { "sidecar.istio.io/inject" = "false" }')
    for metadata in (whole["metadata"], whole["spec"]["template"]["metadata"]):
        assert metadata["annotations"]["sidecar.istio.io/inject"] == "false"
        assert metadata["annotations"]["steppe/label"] == "train in examples/digits.ipynb"


def test_where_a_pod_may_run_is_as_the_profile_says():
    found = spec(
        """
        node-selector = { disk = "ssd" }
        tolerations = [{ key = "gpu", operator = "Exists" }]
        priority-class = "low"
        affinity = { podAntiAffinity = { x = 1 } }
        pull-secrets = ["registry"]
        """
    )
    assert found["nodeSelector"] == {"disk": "ssd"}
    assert found["tolerations"] == [{"key": "gpu", "operator": "Exists"}]
    assert found["priorityClassName"] == "low"
    assert found["affinity"] == {"podAntiAffinity": {"x": 1}}
    assert found["imagePullSecrets"] == [{"name": "registry"}]


def test_volumes_of_every_kind():
    found = spec(
        """
        [volumes]
        "/a" = "pvc:data:ro"
        "/b" = "config:settings"
        "/c" = "secret:keys"
        "/d" = "host:/srv/data"
        "/e" = "empty:5Gi"
        "/f" = { nfs = { server = "files", path = "/x" }, subPath = "y", readOnly = true }
        """
    )
    volumes = {each["name"]: {k: v for k, v in each.items() if k != "name"} for each in found["volumes"]}
    mounts = {each["mountPath"]: each for each in found["containers"][0]["volumeMounts"]}
    of = lambda path: volumes[mounts[path]["name"]]
    assert of("/a") == {"persistentVolumeClaim": {"claimName": "data"}}
    assert mounts["/a"]["readOnly"] is True
    assert of("/b") == {"configMap": {"name": "settings"}}
    assert of("/c") == {"secret": {"secretName": "keys"}}
    assert of("/d") == {"hostPath": {"path": "/srv/data"}}
    assert of("/e") == {"emptyDir": {"sizeLimit": "5Gi"}}
    assert of("/f") == {"nfs": {"server": "files", "path": "/x"}}
    assert mounts["/f"]["subPath"] == "y"


def test_shared_memory_is_a_volume_in_memory():
    found = spec('shm = "2Gi"')
    assert {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": str(2 * 2**30)}} in found["volumes"]
    assert {"name": "shm", "mountPath": "/dev/shm"} in found["containers"][0]["volumeMounts"]


def test_secrets_are_references():
    env = {
        each["name"]: each for each in container('secrets = { TOKEN = "api/token" }\nenvironment = { N = 4 }')["env"]
    }
    assert env["TOKEN"] == {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "api", "key": "token"}}}
    assert env["N"]["value"] == "4"
    assert env["HOME"]["value"] == "/steppe/home"
    with pytest.raises(BadOption, match="a reference, never a value"):
        made('secrets = { TOKEN = "hunter2" }')


def test_a_deadline_stands_behind_the_timeout():
    assert "activeDeadlineSeconds" not in spec()
    assert spec(timeout=90.5)["activeDeadlineSeconds"] == 91 + 3600


def test_a_queue_of_kueue_admits_the_job():
    whole = made('queue = "team-a"')
    assert whole["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "team-a"
    assert whole["spec"]["suspend"] is True


def test_a_pod_template_is_merged_over_the_pod():
    template = {
        "metadata": {"labels": {"steppe/attempt": "another", "x": "y"}},
        "spec": {
            "hostNetwork": True,
            "securityContext": {"runAsUser": 7},
            "containers": [
                {"name": "step", "env": [{"name": "N", "value": "1"}], "workingDir": "/x"},
                {"name": "sidecar", "image": "proxy"},
            ],
            "enableServiceLinks": None,
        },
    }
    whole = made(template=template)["spec"]["template"]
    assert whole["metadata"]["labels"]["steppe/attempt"] == ATTEMPT
    assert whole["metadata"]["labels"]["x"] == "y"
    assert whole["spec"]["hostNetwork"] is True
    assert whole["spec"]["securityContext"]["runAsUser"] == 7
    assert whole["spec"]["securityContext"]["runAsNonRoot"] is True
    assert "enableServiceLinks" not in whole["spec"]
    step, sidecar = whole["spec"]["containers"]
    assert step["workingDir"] == "/x"
    assert {each["name"] for each in step["env"]} == {"HOME", "USER", "N"}
    assert sidecar["image"] == "proxy"


def test_lists_without_names_are_replaced():
    assert merge({"args": [1, 2]}, {"args": [3]}) == {"args": [3]}
    assert merge({"a": 1}, None) is None


@pytest.mark.parametrize("option", POD_OPTIONS, ids=lambda option: option.name)
def test_every_key_refuses_what_does_not_fit_in_one_sentence(option):
    with pytest.raises(BadOption) as refused:
        split({option.name: object()})
    assert option.wanted in str(refused.value)


@pytest.mark.parametrize("option", POD_OPTIONS, ids=lambda option: option.name)
def test_every_key_takes_its_own_example(option):
    if "…" in option.example:
        return
    _, pod = split(tomllib.loads(option.example))
    assert pod[option.name]


def test_keys_for_steps_and_keys_for_clusters_part():
    options, pod = split({"on": "kubernetes", "gpu": 1, "pull-policy": "always", "gpu_vendor": "amd"})
    assert options == {"on": "kubernetes", "gpu": 1}
    assert pod == {"pull_policy": "Always", "gpu_vendor": "amd"}


def test_one_node_is_told_of_no_others():
    assert "completionMode" not in made()["spec"]
    assert made()["spec"]["completions"] == made()["spec"]["parallelism"] == 1
    assert "RANK" not in {each["name"] for each in container()["env"]}
    assert "--nodes" not in container()["args"]


def test_several_nodes_are_one_indexed_job_whose_pods_are_told_their_ranks():
    four = Resources(nodes=4)
    job_spec = made(resources=four)["spec"]
    assert {name: job_spec[name] for name in ("completionMode", "completions", "parallelism", "backoffLimit")} == {
        "completionMode": "Indexed",
        "completions": 4,
        "parallelism": 4,
        "backoffLimit": 0,
    }
    env = {each["name"]: each for each in container(resources=four)["env"]}
    for name in ("RANK", "NODE_RANK", "GROUP_RANK", "PET_NODE_RANK"):
        field = env[name]["valueFrom"]["fieldRef"]["fieldPath"]
        assert field == "metadata.annotations['batch.kubernetes.io/job-completion-index']"
    assert env["POD_IP"]["valueFrom"]["fieldRef"]["fieldPath"] == "status.podIP"
    values = {name: each["value"] for name, each in env.items() if "value" in each}
    assert (values["WORLD_SIZE"], values["PET_NNODES"], values["LOCAL_RANK"]) == ("4", "4", "0")
    assert values["MASTER_PORT"] == values["PET_MASTER_PORT"] == "29500"
    assert " ".join(container(resources=four)["args"]).endswith("--nodes 4 --rank $(RANK) --address $(POD_IP)")
    assert violations(spec(resources=four)) == []


def test_the_port_of_several_nodes_is_the_profiles_and_their_ranks_are_not():
    env = container('environment = { MASTER_PORT = "1234", RANK = "7" }', resources=Resources(nodes=2))["env"]
    assert [each["value"] for each in env if each["name"] in ("MASTER_PORT", "PET_MASTER_PORT")] == ["1234", "1234"]
    assert ["valueFrom" in each for each in env if each["name"] == "RANK"] == [True]
