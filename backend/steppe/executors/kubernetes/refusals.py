"""What an API server's refusal means, in one sentence: a pure function of its answer."""

from __future__ import annotations

import re
from typing import Any

from steppe.executors.kubernetes.rights import asking
from steppe.executors.kubernetes.waiting import quota

FORBIDDEN = re.compile(
    r'User "(?P<user>[^"]*)" cannot (?P<verb>\w+) resource "(?P<resource>[^"]+)" in API group "(?P<group>[^"]*)"'
    r'(?: in the namespace "(?P<namespace>[^"]+)")?'
)
STANDARD = re.compile(r'violates PodSecurity "([^"]+)": (.+)')


def refusal(status: int, body: dict[str, Any]) -> str:
    """Say why an API server refuses something, and what to do.

    Args:
        status: of the HTTP answer.
        body: its body, a `Status`; empty where it was none.
    """
    message = str(body.get("message") or "")
    if status == 401:
        return "the cluster does not know who you are (401): log in again, or correct the kubeconfig's user"
    if status == 403:
        return _forbidden(message)
    if status == 404:
        return f"the cluster has no such thing: {message or 'not found'}"
    if status == 422:
        return f"the cluster does not take its Job: {_causes(body) or message}"
    if status == 413:
        return "its Job is too large for the cluster: a pod template or environment holds more than 1 MiB"
    return f"the cluster refuses ({status}): {message or body.get('reason') or 'it says no reason'}"


def _forbidden(message: str) -> str:
    limited = quota(message)
    if limited:
        return limited
    standard = STANDARD.search(message)
    if standard:
        return f"the namespace's pod security standard `{standard[1]}` does not let its pod pass: {standard[2]}"
    found = FORBIDDEN.search(message)
    if found is None:
        return f"the cluster forbids it: {message}"
    group = f".{found['group']}" if found["group"] else ""
    where = f" in the namespace {found['namespace']}" if found["namespace"] else ""
    ask = asking(found["user"], found["namespace"] or "", found["verb"], found["resource"])
    return f"{found['user']} may not {found['verb']} {found['resource']}{group}{where}: {ask}"


def _causes(body: dict[str, Any]) -> str:
    causes = (body.get("details") or {}).get("causes") or ()
    return "; ".join(f"{cause.get('field', '')}: {cause.get('message', '')}".strip(": ") for cause in causes)
