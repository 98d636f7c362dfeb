"""Profiles: what is an option of the step, and what only a cluster needs."""

import pytest

from steppe.analysis.options import from_mapping
from steppe.errors import BadOption, UnknownOption


def test_a_profile_says_what_a_step_may_and_what_only_a_cluster_needs():
    options = from_mapping({"cpu": "2"}, profile={"gpu": 1, "namespace": "research", "pull-policy": "always"})
    assert options.resources.cpu == 2
    assert options.resources.gpu == 1
    assert options.pod == {"namespace": "research", "pull_policy": "Always"}


def test_the_step_s_own_image_wins_over_its_profile_s():
    profile = {"image": "steps:1"}
    assert from_mapping({}, profile=profile).pod == {"image": "steps:1"}
    assert from_mapping({"image": "steps:2"}, profile=profile).pod == {"image": "steps:2"}


def test_what_only_a_cluster_needs_is_no_option_of_the_line():
    with pytest.raises(UnknownOption):
        from_mapping({"namespace": "research"})


def test_a_value_that_does_not_fit_is_refused_with_what_would():
    with pytest.raises(BadOption, match=r"pull-policy=sometimes: give Always, IfNotPresent, Never"):
        from_mapping({}, profile={"pull-policy": "sometimes"})
