"""The behaviours of a step in a cluster, on a real one; and what a real API server says of the Jobs that we send it."""

import tomllib

import pytest

from steppe.analysis.pod_options import POD_OPTIONS, split
from steppe.executors.executor import Launch
from steppe.executors.kubernetes.cluster import path_of
from steppe.executors.kubernetes.manifest import job
from steppe.types import Resources
from tests.integration.kubernetes.behaviours import Behaviours


def launch(profile="", **asked):
    _, pod = split(tomllib.loads(profile))
    return Launch(
        task="b3:" + "a" * 64,
        attempt="0123456789abcdefghijklmnop",
        store="s3://bucket/store",
        label="train in examples/digits.ipynb",
        root="/home/ada/digits",
        folder="/home/ada/digits/examples",
        key="b3:" + "c" * 64,
        owner={"project": "digits", "user": "ada", "notebook": "examples/digits.ipynb", "step": "train"},
        pod={"image": "registry.example/steps:1", **pod},
        **asked,
    )


class TestReal(Behaviours):
    def test_the_default_pod_passes_the_restricted_standard(self, cluster):
        cluster.restrict()
        made = job(launch(timeout=60.0, resources=Resources(cpu=1, memory=2**33, gpu=1)))["spec"]["template"]
        pod = {"kind": "Pod", "apiVersion": "v1", **made}
        pod["metadata"] = {**made["metadata"], "name": "tried"}
        cluster.admin.ask("POST", path_of("pods", cluster.namespace), body=pod, query={"dryRun": "All"})

    @pytest.mark.parametrize("option", POD_OPTIONS, ids=lambda option: option.name)
    def test_a_job_with_any_key_of_a_profile_has_no_field_that_is_unknown(self, cluster, option):
        if "…" in option.example:
            pytest.skip("its example is no value")
        body = job(launch(option.example, timeout=60.0, resources=Resources(cpu=1, memory=2**33, gpu=1)))
        query = {"dryRun": "All", "fieldValidation": "Strict"}
        cluster.admin.ask("POST", path_of("jobs", cluster.namespace), body=body, query=query)

    def test_a_job_for_several_nodes_has_no_field_that_is_unknown(self, cluster):
        body = job(launch(resources=Resources(cpu=1, nodes=4)))
        query = {"dryRun": "All", "fieldValidation": "Strict"}
        cluster.admin.ask("POST", path_of("jobs", cluster.namespace), body=body, query=query)
