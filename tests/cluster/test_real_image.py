"""`steppe image` on a real cluster: an image is built of what it writes, and a step runs in it."""

import subprocess
from urllib.parse import quote

import pytest

from steppe.engine.environment import Distributions
from tests.integration.crash import kernels
from tests.integration.kubernetes.behaviours import LONG
from tests.integration.kubernetes.test_image_built import NEEDED, called, of_steppe, recorded


@pytest.fixture
def project(cluster, shared, monkeypatch):
    made = shared / "project"
    made.mkdir()
    (made / "pyproject.toml").write_text(cluster.settings(shared))
    monkeypatch.chdir(made)
    return made


@pytest.mark.timeout(1200)
def test_a_step_runs_in_the_image_that_is_made_of_a_run_s_lock(project, cluster, build, tmp_path):
    packages = {item.name: item.version for item in Distributions().installed((*NEEDED, "numpy"))}
    of_steppe(project)
    (ours,) = project.glob("*.whl")
    notebook = recorded(project, {**packages, "steppe": "0"})
    told = called(notebook, "-o", project / "Dockerfile", "--with", ours)
    assert told.exit_code == 0, (told.output, told.exception)
    name = f"steppe-tests-built:{quote(cluster.namespace)}"
    built = subprocess.run([build, str(project), name], capture_output=True, text=True, timeout=1000, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    settings = project / "pyproject.toml"
    settings.write_text(settings.read_text().replace(f'image = "{cluster.image}"', f'image = "{name}"'))
    cell = (
        "%%step where on=kubernetes wait=true\nimport sys, steppe, numpy as np\n"
        "places, ones = (steppe.__file__, np.__file__, sys.prefix), np.ones(3)\n(*places, float(ones.sum()))"
    )
    environ = {"KUBECONFIG": str(cluster.kubeconfig), "IPYTHONDIR": str(tmp_path / ".ipython")}
    (said,) = kernels.Kernel(project, [cell], **environ).rest(timeout=LONG)
    assert said["states"] == ["succeeded"], (said, kernels.said(project))
    *places, total = said["value"]
    assert total == 3.0
    assert all(place.startswith("/opt/steppe") for place in places), places  # no environment was made in the pod
