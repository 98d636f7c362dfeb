"""A pod template that a profile names as a YAML file of the project."""

import pytest

from steppe.errors import UsageError
from steppe.executors.kubernetes.executor import read_template
from tests.unit.executors.test_job_manifest import made


def test_a_file_is_read_from_the_project_and_merged_over_the_pod(tmp_path):
    (tmp_path / "pods").mkdir()
    (tmp_path / "pods/big.yaml").write_text(
        """
        metadata: {labels: {tier: batch}}
        spec:
          hostNetwork: true
          containers:
            - {name: step, tty: true}
            - {name: proxy, image: proxy:1}
        """
    )
    template = read_template({"pod_template": "pods/big.yaml"}, str(tmp_path))
    pod = made(template=template)["spec"]["template"]
    assert pod["metadata"]["labels"]["tier"] == "batch"
    assert pod["metadata"]["labels"]["steppe/step"] == "train"
    assert pod["spec"]["hostNetwork"] is True
    assert pod["spec"]["restartPolicy"] == "Never"
    step, proxy = pod["spec"]["containers"]
    assert (step["tty"], step["image"]) == (True, "registry.example/steps:1")
    assert proxy == {"name": "proxy", "image": "proxy:1"}


def test_none_and_a_table_are_taken_as_they_are():
    assert read_template({}, "/") is None
    assert read_template({"pod_template": {"hostNetwork": True}}, "/") == {"hostNetwork": True}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "can't be read: No such file or directory"),
        (b"spec: [1, 2", "is no YAML"),
        (b"\xff\xfe\x00", "is no YAML"),
        (b"- 1\n- 2\n", "holds no mapping: write a pod's `spec`, or a whole pod"),
        (b"", "holds no mapping"),
    ],
)
def test_what_can_not_be_read_is_said_in_one_sentence(tmp_path, content, says):
    if content is not None:
        (tmp_path / "pod.yaml").write_bytes(content)
    with pytest.raises(UsageError, match=rf"pod-template: {tmp_path}/pod.yaml {says}") as raised:
        read_template({"pod_template": "pod.yaml"}, str(tmp_path))
    assert "\n" not in str(raised.value)
