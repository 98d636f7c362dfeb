"""Amounts as Kubernetes writes them, and what a pod asks for."""

import re

SUFFIXES = {"m": 1e-3, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "k": 1e3, "M": 1e6, "G": 1e9, "": 1}


def amount(text):
    number, suffix = re.fullmatch(r"([\d.]+)(\w*)", str(text)).groups()
    return float(number) * SUFFIXES[suffix]


def written(number):
    return f"{number:.0f}" if number == int(number) else f"{number * 1000:.0f}m"


def asked(pod, what="requests"):
    found = {}
    for container in pod["spec"]["containers"]:
        resources = container.get("resources", {})
        for name, value in {**resources.get("limits", {}), **resources.get(what, {})}.items():
            found[name] = found.get(name, 0) + amount(value)
    return found
