"""Statements of runs, step runs, steps, attempts and metrics, but for the lists, which are made as they are asked."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, alias, bindparam, delete, func, literal_column, select, tuple_, update

from steppe.catalog import rows
from steppe.catalog import tables as t
from steppe.catalog.queries.dialect import NO_OFFSET, Dialect, Statement, Statements, beginning, columns

RUN = columns(t.RUNS, rows.RUN)
STEP_RUN = columns(t.STEP_RUNS, rows.STEP_RUN)
"""A StepRun but for its documents, which it shares with others."""


def runs(d: Dialect) -> Statements:
    """Return what `runs.py` runs."""
    r, s = t.RUNS.c, t.STEP_RUNS.c
    return {
        "put": d.put(t.RUNS),
        "get": select(*RUN).where(r.id == bindparam("id")),
        "beginning": beginning(r.id),
        "commit": select(r.commit).where(r.id == bindparam("id")),
        "difference": select(t.DOCUMENTS.c.body).where(t.DOCUMENTS.c.id == bindparam("id")),
        "resolved": select(s.notebook, s.step, s.part, func.max(s.id))
        .where(s.run == bindparam("run"))
        .group_by(s.notebook, s.step, s.part)
        .order_by(s.notebook, s.step, s.part),
        "tally": select(s.run, s.state, func.count()).where(d.among(s.run, "runs")).group_by(s.run, s.state),
    }


def step_runs(d: Dialect) -> Statements:
    """Return what `step_runs.py` runs."""
    s = t.STEP_RUNS.c
    of_step = _whole().where(s.notebook == bindparam("notebook"), s.step == bindparam("step"))
    latest = of_step.where(s.id < bindparam("before")).order_by(s.id.desc()).limit(bindparam("limit")).offset(NO_OFFSET)
    in_part = s.part == bindparam("part")
    useful = s.state.in_([literal_column("'hit'"), literal_column("'succeeded'")])
    return {
        "state": select(s.state).where(s.id == bindparam("id")).with_for_update(),
        "add": d.add(t.STEP_RUNS),
        "put": d.put(t.STEP_RUNS),
        "document": d.add(t.DOCUMENTS),
        "clear_inputs": delete(t.STEP_INPUTS).where(t.STEP_INPUTS.c.step_run == bindparam("id")),
        "clear_outputs": delete(t.STEP_OUTPUTS).where(t.STEP_OUTPUTS.c.step_run == bindparam("id")),
        "add_input": d.add(t.STEP_INPUTS),
        "add_output": d.add(t.STEP_OUTPUTS),
        "get": _whole().where(s.id == bindparam("id")),
        "wholes": _whole().where(d.among(s.id, "ids")).order_by(s.id),
        "among": select(*STEP_RUN).where(d.among(s.id, "ids")).order_by(s.id),
        "beginning": beginning(s.id),
        "codes": _codes(),
        "count_hits": select(func.count()).where(s.entry == bindparam("entry")),
        "last": latest,
        "last_of_part": latest.where(in_part),
        "last_useful": latest.where(useful),
        "last_useful_of_part": latest.where(in_part, useful),
    }


def _whole() -> Select[tuple[object, ...]]:
    s = t.STEP_RUNS.c
    source, ingredients, trace = (alias(t.DOCUMENTS, name) for name in ("source", "ingredients", "trace"))
    return (
        select(*STEP_RUN, source.c.body, ingredients.c.body, trace.c.body)
        .select_from(t.STEP_RUNS)
        .outerjoin(source, source.c.id == s.source)
        .outerjoin(ingredients, ingredients.c.id == s.ingredients)
        .outerjoin(trace, trace.c.id == s.trace)
    )


def _codes() -> Statement:
    """Select each two of source and ingredients that a step's cell had, with the latest StepRun that had them."""
    s = t.STEP_RUNS.c
    recent = (
        select(s.id, s.source, s.ingredients)
        .where(s.notebook == bindparam("notebook"), s.step == bindparam("step"), s.part == bindparam("part"))
        .where(s.id < bindparam("before"))
        .order_by(s.id.desc())
        .limit(bindparam("looked"))
        .offset(NO_OFFSET)
        .subquery("recent")
    )
    each = (
        select(func.max(recent.c.id).label("id"), recent.c.source, recent.c.ingredients)
        .group_by(recent.c.source, recent.c.ingredients)
        .order_by(func.max(recent.c.id).desc())
        .limit(bindparam("limit"))
        .offset(NO_OFFSET)
        .subquery("each")
    )
    source, ingredients = (alias(t.DOCUMENTS, name) for name in ("source", "ingredients"))
    return (
        select(each.c.id, source.c.body, ingredients.c.body)
        .select_from(each)
        .outerjoin(source, source.c.id == each.c.source)
        .outerjoin(ingredients, ingredients.c.id == each.c.ingredients)
        .order_by(each.c.id.desc())
    )


def steps(d: Dialect) -> Statements:
    """Return what keeps `steps` and `uses`, for `facts.py`, and reads them, for `lineage.py`."""
    p, u = t.STEPS.c, t.USES.c
    step = (p.notebook == bindparam("notebook"), p.step == bindparam("step"), p.part == bindparam("part"))
    use = d.insert(t.USES)
    uses = select(u.kind, u.name, u.version, u.notebook, u.step, u.part, u.seen, u.current)
    of_step = (u.notebook == bindparam("notebook"), u.step == bindparam("step"), u.part == bindparam("part"))
    place = (u.notebook, u.step, u.part, u.version)
    after = [bindparam(f"after_{c.name}", type_=c.type) for c in place]
    using = (
        uses.where(u.kind == bindparam("kind"), u.name == bindparam("name"), tuple_(*place) > tuple_(*after))
        .order_by(*place)
        .limit(bindparam("limit"))
        .offset(NO_OFFSET)
    )
    return {
        "get": select(p.last, p.facts).where(*step).with_for_update(),
        "put": d.put(t.STEPS, keep=("first",)),
        "outdate_uses": update(t.USES)
        .where(*of_step, u.current == literal_column("1"))
        .values(current=literal_column("0")),
        "outdate_commits": update(t.USES)
        .where(*of_step, u.kind == literal_column("'commit'"), u.current == literal_column("1"))
        .values(current=literal_column("0")),
        "put_use": d.put(t.USES),
        "add_use": use.on_conflict_do_nothing(),
        "using": using,
        "using_version": using.where(u.version == bindparam("version")),
        "uses": uses.where(*of_step).order_by(u.kind, u.name, u.version),
    }


def attempts(d: Dialect) -> Statements:
    """Return what `attempts.py` runs."""
    a = t.ATTEMPTS.c
    attempt = select(*columns(t.ATTEMPTS, rows.ATTEMPT))
    going: list[ColumnElement[str]] = [
        literal_column(f"'{state}'") for state in ("pending", "queued", "running", "retrying")
    ]
    return {
        "state": select(a.state).where(a.id == bindparam("id")).with_for_update(),
        "put": d.put(t.ATTEMPTS),
        "get": attempt.where(a.id == bindparam("id")),
        "of": attempt.where(a.step_run == bindparam("step_run")).order_by(a.number, a.id),
        "going": attempt.where(a.state.in_(going)).order_by(a.id),
    }


def metrics(d: Dialect) -> Statements:
    """Return what `metrics.py` runs."""
    m, latest = t.METRICS.c, t.LATEST_METRICS.c
    series = select(m.id, m.name, m.step, m.value, m.time).where(m.step_run == bindparam("step_run"))
    return {
        "add": d.add(t.METRICS),
        "put_latest": d.put(t.LATEST_METRICS),
        "series": series.where(m.name == bindparam("name"), m.id > bindparam("after"))
        .order_by(m.id)
        .limit(bindparam("limit"))
        .offset(NO_OFFSET),
        "latest": select(latest.step_run, latest.name, latest.step, latest.value, latest.time)
        .where(d.among(latest.step_run, "step_runs"))
        .order_by(latest.step_run, latest.name),
    }
