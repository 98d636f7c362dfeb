"""The tests' own cluster says no in the words of a real API server (Kubernetes 1.36)."""

import json

import pytest

from tests.integration.kubernetes.questions import RECORDED, asked

REAL = json.loads(RECORDED.read_text())


@pytest.fixture
def answers(fake):
    for name in "ab":
        fake.objects.add("events", "research", {"metadata": {"name": name}, "involvedObject": {"name": name}})
    fake.objects.compact()  # what was before is forgotten
    return asked(fake)


def test_every_refusal_is_as_a_real_cluster_has_it(answers):
    assert answers == REAL
