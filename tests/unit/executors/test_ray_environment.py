"""What of a worker's environment on Ray is Ray's own, and what is the user's and so counts."""

from __future__ import annotations

from steppe.executors.executor import Launch
from steppe.executors.ray.messages import Order
from steppe.executors.ray.task import environment
from steppe.types import Resources


def order(gpu=0, **environ):
    launch = Launch(
        task="t", attempt="a", store="s", label="l", folder="/", root="/", resources=Resources(cpu=1, gpu=gpu)
    )
    return Order(launch=launch, options={}, asked="", environ=environ, here=True)


def test_what_the_kernel_has_set_is_an_input_though_it_is_named_as_ray_names_its_own():
    here = {"RAY_JOB_ID": "1", "NVIDIA_TF32_OVERRIDE": "0", "HOME": "/ray"}
    environ, given = environment(order(NVIDIA_TF32_OVERRIDE="1", MINE="2"), here)
    assert environ == {"RAY_JOB_ID": "1", "NVIDIA_TF32_OVERRIDE": "1", "MINE": "2"}
    assert given == ("RAY_JOB_ID",)


def test_the_devices_that_ray_gave_win_over_the_kernels_own():
    environ, given = environment(order(1, CUDA_VISIBLE_DEVICES="0,1"), {"CUDA_VISIBLE_DEVICES": "1"})
    assert (environ, given) == ({"CUDA_VISIBLE_DEVICES": "1"}, ("CUDA_VISIBLE_DEVICES",))
    environ, given = environment(order(0, CUDA_VISIBLE_DEVICES="0,1"), {"CUDA_VISIBLE_DEVICES": ""})
    assert (environ, given) == ({"CUDA_VISIBLE_DEVICES": "0,1"}, ())
