"""The CronJob controller: makes the Jobs of CronJobs when they are due by the cluster's clock, as Kubernetes does."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

TOLD = "batch.kubernetes.io/cronjob-scheduled-timestamp"


def merged(whole, change):
    """Return an object under a JSON merge patch (RFC 7396)."""
    if not isinstance(change, dict):
        return change
    found = dict(whole) if isinstance(whole, dict) else {}
    for key, value in change.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = merged(found.get(key), value)
    return found


def wrong(body):
    """Yield what an API server finds wrong with a CronJob."""
    spec = body["spec"]
    if len(body["metadata"]["name"]) > 52:
        yield {"reason": "FieldValueInvalid", "message": "must be no more than 52 characters", "field": "metadata.name"}
    if spec.get("timeZone") and spec["timeZone"] not in available_timezones():
        yield {"reason": "FieldValueInvalid", "message": "unknown time zone", "field": "spec.timeZone"}
    try:
        CronSim(spec["schedule"], datetime.now(UTC))
    except CronSimError as error:
        yield {"reason": "FieldValueInvalid", "message": str(error), "field": "spec.schedule"}


def has_ended(job):
    return any(each["type"] in ("Complete", "Failed") for each in job["status"].get("conditions", ()))


class CronController:
    """Works for one cluster."""

    def __init__(self, fake):
        self.fake = fake

    def turn(self):
        for cron_job in self.fake.cron_jobs:
            jobs = self.fake.jobs_of(cron_job)
            self._forget(cron_job, jobs)
            due = None if cron_job["spec"].get("suspend") else self._due(cron_job)
            going = [job for job in jobs if not has_ended(job)]
            if due is not None and not (going and cron_job["spec"].get("concurrencyPolicy") == "Forbid"):
                self._make(cron_job, due)

    def _due(self, cron_job):
        """Return the latest time that is due and was not seen to, unless it is past its deadline."""
        spec, now = cron_job["spec"], self.fake.clock()
        since = cron_job["status"].get("last", self.fake.since[cron_job["metadata"]["name"]])
        found = None
        for moment in CronSim(spec["schedule"], datetime.fromtimestamp(since, ZoneInfo(spec.get("timeZone", "UTC")))):
            if moment.timestamp() > now:
                break
            found = moment
        deadline = spec.get("startingDeadlineSeconds")
        if found is None or (deadline is not None and now - found.timestamp() > deadline):
            return None
        return found

    def _make(self, cron_job, due):
        metadata, template = cron_job["metadata"], cron_job["spec"]["jobTemplate"]
        second = int(due.timestamp())
        owner = {"kind": "CronJob", "name": metadata["name"], "uid": metadata["uid"], "controller": True}
        job = {
            "metadata": {
                "name": f"{metadata['name']}-{second // 60}",
                "labels": template["metadata"].get("labels", {}),
                "annotations": {**template["metadata"].get("annotations", {}), TOLD: due.isoformat()},
                "ownerReferences": [owner],
            },
            "spec": template["spec"],
        }
        self.fake.create("jobs", metadata["namespace"], job)
        self.fake.set(cron_job, lambda it: it["status"].update(last=second))

    def _forget(self, cron_job, jobs):
        for kind, limit in (("Complete", "successfulJobsHistoryLimit"), ("Failed", "failedJobsHistoryLimit")):
            ended = [job for job in jobs if any(each["type"] == kind for each in job["status"].get("conditions", ()))]
            ended.sort(key=lambda job: job["metadata"]["name"])
            for job in ended[: max(0, len(ended) - cron_job["spec"].get(limit, 3))]:
                namespace = job["metadata"]["namespace"]
                if "deletionTimestamp" not in job["metadata"]:
                    self.fake.delete("jobs", namespace, job["metadata"]["name"], {"propagationPolicy": "Background"})
