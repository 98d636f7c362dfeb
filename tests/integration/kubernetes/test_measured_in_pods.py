"""How far a step in a pod is, what it logs and what it uses: told while it runs, and kept with it."""

from tests.integration.kubernetes.behaviours import wait_for
from tests.integration.kubernetes.test_kubernetes_steps import kernel, project  # noqa: F401

STEP = """
import pathlib, time, steppe
for n in range(3):
    steppe.log_metric("loss", 1 / (n + 1), step=n)
steppe.progress(1, 4, "reading")
held = bytearray(100 * 2**20)
while not pathlib.Path("{store}/enough").exists():
    time.sleep(0.02)
held = len(held)
"""


def test_progress_is_shown_and_metrics_and_use_are_kept(kernel, project, fake, tmp_path):  # noqa: F811
    store = tmp_path / "store"
    one = kernel()
    one.step("far", STEP.format(store=store), "on=kubernetes")
    cards = []
    one.shell.display_pub.publish = lambda data, *_, **__: cards.append(data["text/plain"])
    try:
        wait_for(lambda: one.run("%steppe show far") and "25 % reading" in cards[-1])
        assert "on kubernetes" in cards[-1]
    finally:
        del one.shell.display_pub.publish
        (store / "enough").touch()
    assert one.run("held").result == 100 * 2**20, one.err
    catalog = one.session.catalog
    catalog.flush()
    logged = catalog.metrics.series(one.last.id, "loss").items
    assert [(each.step, round(each.value, 3)) for each in logged] == [(0, 1.0), (1, 0.5), (2, 0.333)]
    used = catalog.step_runs.get(one.last.id).used
    assert used["memory"] > 100 * 2**20
    assert used["cpu_seconds"] > 0
