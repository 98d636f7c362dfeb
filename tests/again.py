"""In CI, a test of a whole (a browser, a cluster, kernels) that fails is tried once more; what then passes is told of.

On two busy cores, one of six thousand tests now and then waits too long for another program. That is a fault of the
test, to be mended: the runner's counts have it as `rerun`, and its first failure is printed whole. What soundness and
single parts promise is never tried twice.
"""

import os

from _pytest.runner import runtestprotocol

WHOLES = ("tests/ui/", "tests/integration/", "tests/packaging/")
"""Where tests stand that wait for other programs."""


def pytest_runtest_protocol(item, nextitem):
    if not os.environ.get("CI") or not item.nodeid.startswith(WHOLES):
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, nextitem=nextitem, log=False)
    failed = [report for report in reports if report.failed]
    for report in failed:
        report.outcome = "rerun"
        item.ihook.pytest_runtest_logreport(report=report)
    if failed:
        item._initrequest()
        _forget_failed_fixtures(item)
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def _forget_failed_fixtures(item):
    """Have a fixture of a module or session that could not be made be made anew, and not raise what it raised."""
    for found in item._fixtureinfo.name2fixturedefs.values():
        for fixture in found:
            if fixture.cached_result is not None and fixture.cached_result[2] is not None:
                fixture.finish(item._request)


def pytest_report_teststatus(report):
    return ("rerun", "R", ("RERUN", {"yellow": True})) if report.outcome == "rerun" else None


def pytest_terminal_summary(terminalreporter):
    again = terminalreporter.getreports("rerun")
    if again:
        terminalreporter.write_sep("=", "FAILED, AND TRIED AGAIN")
    for report in again:
        terminalreporter.write_sep("_", report.head_line or report.nodeid)
        terminalreporter._outrep_summary(report)
        terminalreporter.write_line(f"RERUN {report.nodeid} - {str(report.longrepr).splitlines()[-1]}")
