"""The table of routes: what each takes and answers. Handlers and the OpenAPI document are made from it."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from steppe_server.schemas import (
    artifacts,
    details,
    figures,
    health,
    lineage,
    options,
    pipelines,
    queries,
    runs,
    schedules,
    step_runs,
)
from steppe_server.schemas.struct import Page


class Route(NamedTuple):
    """One method of one path.

    Attributes:
        method: in capitals.
        path: below `/steppe/api/`; what stands in braces is a text without a slash.
        summary: what it does, in a sentence.
        query: what may be asked in the query.
        answer: what it answers; None for what is no JSON of ours.
        body: what it takes, or None.
        media: the type of its answer.
    """

    method: str
    path: str
    summary: str
    query: type[msgspec.Struct]
    answer: Any
    body: type[msgspec.Struct] | None = None
    media: str = "application/json"


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A route without a query."""


ROUTES = (
    Route("GET", "openapi.json", "Describe the routes.", Nothing, None),
    Route("GET", "health", "Tell that Steppe is there.", Nothing, health.Health),
    Route(
        "POST",
        "pipeline",
        "Plan a notebook: its steps, what would become of each, and what flows between them.",
        Nothing,
        pipelines.Pipeline,
        pipelines.PipelineAsked,
    ),
    Route("GET", "events", "Follow a project.", queries.Events, None, media="text/event-stream"),
    Route("GET", "runs", "List runs, the newest first.", queries.Runs, Page[runs.Run]),
    Route("POST", "runs", "Run a notebook headless.", Nothing, runs.RunStarted, runs.RunAsked),
    Route("GET", "runs/{id}", "Tell all of a run.", queries.Place, runs.RunWhole),
    Route("PATCH", "runs/{id}", "Give a run other tags.", queries.Place, runs.RunWhole, runs.TagsAsked),
    Route("POST", "runs/{id}/notes", "Write a note about a run.", queries.Place, runs.RunWhole, runs.NoteAsked),
    Route(
        "PATCH", "runs/{id}/notes/{note}", "Change a note about a run.", queries.Place, runs.RunWhole, runs.NoteAsked
    ),
    Route("DELETE", "runs/{id}/notes/{note}", "Remove a note about a run.", queries.Place, runs.RunWhole),
    Route("POST", "runs/{id}/cancel", "End a headless run that this server started.", queries.Place, runs.RunWhole),
    Route("GET", "schedules", "List schedules by name.", queries.Place, schedules.Schedules),
    Route("POST", "schedules", "Make a schedule.", Nothing, schedules.Schedule, schedules.ScheduleAsked),
    Route("GET", "due-times", "Tell when a cron line is due next.", queries.CronLine, schedules.DueTimes),
    Route("GET", "schedules/{id}", "Tell all of a schedule.", queries.Place, schedules.Schedule),
    Route(
        "PATCH",
        "schedules/{id}",
        "Change a schedule, pause it, or have it go on.",
        queries.Place,
        schedules.Schedule,
        schedules.ScheduleChange,
    ),
    Route("DELETE", "schedules/{id}", "Remove a schedule.", queries.Place, schedules.Removed),
    Route("POST", "schedules/{id}/runs", "Have a schedule run now.", queries.Place, schedules.Schedule),
    Route(
        "POST",
        "schedules/{id}/backfill",
        "Run a schedule's times in a range of the past.",
        queries.Place,
        schedules.Schedule,
        schedules.BackfillAsked,
    ),
    Route("GET", "parameters", "Tell a notebook's parameters.", queries.Place, runs.Parameters),
    Route("GET", "options", "Tell which options a step has.", queries.Place, options.OptionKinds),
    Route(
        "POST",
        "options",
        "Change the options that a cell gives, and say what is wrong with them.",
        Nothing,
        options.OptionsGiven,
        options.OptionsAsked,
    ),
    Route("GET", "compare", "Hold two runs side by side.", queries.Compare, runs.Comparison),
    Route("GET", "step-runs", "List StepRuns, the newest first.", queries.StepRuns, Page[step_runs.StepRunBrief]),
    Route("GET", "step-runs/{id}", "Tell all of a StepRun.", queries.Place, step_runs.StepRun),
    Route("GET", "step-runs/{id}/logs", "Read lines that a step wrote.", queries.Logs, step_runs.Log),
    Route("GET", "step-runs/{id}/metrics", "Read what a step logged.", queries.Place, step_runs.Metrics),
    Route(
        "GET", "step-runs/{id}/diff", "Hold a step's code beside an earlier one.", queries.Diff, step_runs.Difference
    ),
    Route("GET", "step-runs/{id}/usage", "Tell what a step used over time.", queries.Place, details.Usage),
    Route(
        "GET",
        "step-runs/{id}/code-versions",
        "List the earlier versions of a step's code.",
        queries.EarlierCode,
        details.CodeVersions,
    ),
    Route("GET", "step-runs/{id}/figures", "Tell the figures of a step.", queries.Place, figures.Figures),
    Route("GET", "step-runs/{id}/environment", "Tell what a step ran in.", queries.Place, details.Environment),
    Route("GET", "artifacts/{version}", "Tell what is known of an artifact.", queries.Place, artifacts.Artifact),
    Route("GET", "artifacts/{version}/table", "Read a page of a table.", queries.TablePage, artifacts.Table),
    Route(
        "DELETE",
        "artifacts/{version}/table",
        "Give up an order that is being computed.",
        queries.TableOrder,
        artifacts.GivenUp,
    ),
    Route("GET", "artifacts/{version}/columns", "Tell columns in short.", queries.TableColumns, artifacts.Summaries),
    Route("GET", "artifacts/{version}/content", "Read what is drawn of a value.", queries.Place, artifacts.Content),
    Route("GET", "lineage/{version}", "Tell what made an artifact, and what it made.", queries.Around, lineage.Lineage),
)
