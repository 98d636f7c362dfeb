"""How long the Catalog takes: its hot path, beside SQLAlchemy's own, and its lists and lineage when it is large.

python tests/benchmarks/catalog.py                      the hot path on SQLite
python tests/benchmarks/catalog.py --large              100,000 StepRuns and 1,000,000 artifacts too (some minutes)
python tests/benchmarks/catalog.py --url postgresql://… likewise on a database that is there already, and empty
"""

from __future__ import annotations

import argparse
import os
import random
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from steppe.catalog import Catalog, RunFilter, StepRunFilter, open_catalog
from steppe.catalog.entries import write_entry
from steppe.catalog.step_runs import write_step_run
from steppe.ids import new_id
from steppe.types import Artifact, Entry, Ingredient, Observation, Part, Run, State, StepId, StepRun

RUNS = 1_000
STEP_RUNS_A_RUN = 100
ARTIFACTS_A_STEP_RUN = 10
NOTEBOOKS = 40
STEPS = 50
PACKAGES = 30
LIMIT = 0.1


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--url", default="")
    options.add_argument("--large", action="store_true")
    options.add_argument("--runs", type=int, default=RUNS, help="of 100 StepRuns and 1,000 artifacts each")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/var/tmp")) as folder:
        url = asked.url or f"sqlite:///{folder}/catalog.db"
        with open_catalog(url) as catalog:
            hot_path(catalog, folder)
            if not asked.url:
                opening(url)
            return large(catalog, asked.runs) if asked.large else 0


# the hot path


def hot_path(catalog: Catalog, folder: str) -> None:
    world = World(1)
    made = [world.step_run(0, place) for place in range(600)]
    for one in made[:300]:
        keep(catalog, one)
    keys = [one.entry.key for one in made[:300]]
    print(f"\n{catalog.url.partition('://')[0]}, median of each")
    report("find", each(keys, lambda key: catalog.entries.find(key)))
    report("  the same by SQLAlchemy Core, cached", sqlalchemy_find(catalog, keys))
    report("claim and release", each(keys, lambda key: claim(catalog, key)))
    report("keep, 10 artifacts and its StepRun", each(made[300:], lambda one: keep(catalog, one)))
    report("  of which fdatasync", fdatasyncs(folder))
    report("record a hit, later", each(made[:300], lambda one: catalog.step_runs.record(world.hit(one), later=True)))
    start = time.perf_counter()
    catalog.flush()
    print(f"  {'written behind, for each':48}{(time.perf_counter() - start) / 300 * 1e6:9.0f} µs")
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        os._exit(0)
    print(f"  {'a fork':48}{(time.perf_counter() - start) * 1e6:9.0f} µs")
    os.waitpid(child, 0)


def claim(catalog: Catalog, key: str) -> None:
    catalog.claims.acquire(key, "me", 60.0, attempt="a")
    catalog.claims.release(key, "me")


def keep(catalog: Catalog, one: Made) -> None:
    catalog.entries.keep(one.entry, one.artifacts, one.step_run)


def sqlalchemy_find(catalog: Catalog, keys: Iterable[str]) -> list[float]:
    """Run the very statement through SQLAlchemy's engine, compiled once and cached by it."""
    import sqlalchemy

    from steppe.catalog import queries
    from steppe.catalog.queries.dialect import dialect
    from steppe.catalog.rows import ENTRY

    if not catalog.url.startswith("sqlite"):
        return [0.0]
    engine = sqlalchemy.create_engine(catalog.url)
    statement = queries.statements(dialect("sqlite"))["entries.find"]

    def find(key: str) -> list[Entry]:
        with engine.connect() as connection:
            return [ENTRY.record(row) for row in connection.execute(statement, {"key": key})]

    return each(keys, find)


def fdatasyncs(folder: str) -> list[float]:
    with open(Path(folder, "probe"), "wb", buffering=0) as file:

        def write(_: int) -> None:
            file.write(bytes(4096 * 8))
            os.fdatasync(file.fileno())

        return each(range(200), write)


def opening(url: str) -> None:
    """Open the catalog in new processes: what a session's first step pays."""
    program = (
        "import time, msgspec, logging, secrets, blake3; start = time.perf_counter();"
        "from steppe.catalog import open_catalog; imported = time.perf_counter();"
        f"catalog = open_catalog({url!r}); catalog.entries.find('x'); opened = time.perf_counter();"
        "import sys; assert 'sqlalchemy' not in sys.modules;"
        "import sqlalchemy; print(imported - start, opened - imported, time.perf_counter() - opened)"
    )
    lines = [
        subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
        for _ in range(9)
    ]
    times = zip(*[[float(word) for word in line.split()] for line in lines], strict=True)
    for what, found in zip(
        ("import steppe.catalog", "open it and find", "import sqlalchemy (not needed)"), times, strict=True
    ):
        report(what, list(found))


# the large one


def large(catalog: Catalog, runs: int) -> int:
    start = time.perf_counter()
    world = World(runs)
    fill(catalog, world)
    print(f"\nfilled in {time.perf_counter() - start:.0f} s: {catalog.upkeep.counts()}")
    late = [name for name, times in questions(catalog, world) if not report(name, times)]
    print("every p95 is within 100 ms" if not late else f"beyond 100 ms: {', '.join(late)}")
    return 1 if late else 0


def fill(catalog: Catalog, world: World) -> None:
    database = catalog._database
    for number in range(world.runs):
        catalog.runs.begin(world.run(number))
        made = [world.step_run(number, place) for place in range(STEP_RUNS_A_RUN)]

        def write(tx, made=made):
            for one in made:
                write_entry(tx, one.entry, one.artifacts, ())
                write_step_run(tx, one.step_run)

        database.write(write)
        catalog.notes.tag("run", world.run(number).id, f"tag {number % 20}")
        if number % 100 == 99:
            print(f"\r{number + 1} of {world.runs} runs", end="", flush=True)
    for one in made[:5]:
        for step in range(1000):
            catalog.metrics.log(one.step_run.id, "loss", 1 / (step + 1), step=step, now=world.now)
    catalog.flush()


def questions(catalog: Catalog, world: World) -> Iterable[tuple[str, list[float]]]:
    choose = random.Random(1)
    some = range(60)

    def ask(name: str, question: Callable[[], object]) -> tuple[str, list[float]]:
        return name, each(some, lambda _: question())

    def place() -> tuple[int, int]:
        return choose.randrange(world.runs), choose.randrange(STEP_RUNS_A_RUN)

    def notebook() -> str:
        return world.notebook(choose.randrange(NOTEBOOKS))

    def step_run() -> StepRun:
        return world.step_run(*place()).step_run

    runs, step_runs, lineage = catalog.runs, catalog.step_runs, catalog.lineage
    yield ask("runs", lambda: runs.list())
    yield ask("runs, a page in the middle", lambda: runs.list(after=world.run(place()[0]).id))
    yield ask("runs of a notebook that failed", lambda: runs.list(RunFilter(notebook=notebook(), status="failed")))
    yield ask("runs with a tag", lambda: runs.list(RunFilter(tag="tag 7")))
    yield ask("tally of 50 runs", lambda: runs.tally([world.run(choose.randrange(world.runs)).id for _ in some[:50]]))
    yield ask("step runs", lambda: step_runs.list())
    yield ask("step runs, a page in the middle", lambda: step_runs.list(after=step_run().id))
    yield ask("step runs of a run", lambda: step_runs.list(StepRunFilter(run=world.run(place()[0]).id), limit=200))
    yield ask("step runs of a notebook", lambda: step_runs.list(StepRunFilter(notebook=notebook())))
    yield ask("step runs that failed", lambda: step_runs.list(StepRunFilter(states=(State.FAILED, State.LOST))))
    yield ask(
        "step runs of a notebook that failed",
        lambda: step_runs.list(StepRunFilter(notebook=notebook(), states=(State.FAILED,))),
    )
    yield ask(
        "step runs of a notebook that were lost (none)",
        lambda: step_runs.list(StepRunFilter(notebook=notebook(), states=(State.LOST,))),
    )
    yield ask("step runs on a rare executor", lambda: step_runs.list(StepRunFilter(executor="ray")))
    yield ask(
        "step runs of a step on a rare executor",
        lambda: step_runs.list(StepRunFilter(notebook=notebook(), step="step 7", executor="ray")),
    )
    yield ask("a step run", lambda: step_runs.get(step_run().id))
    yield ask("why: the latest step run and the useful one before", lambda: why(catalog, step_run()))
    yield ask("the steps of a notebook", lambda: step_runs.steps(notebook(), limit=200))
    yield ask("all steps", lambda: step_runs.steps())
    yield ask("artifacts", lambda: catalog.artifacts.list())
    yield ask("artifacts of a class", lambda: catalog.artifacts.list(of_type="pandas.DataFrame"))
    yield ask("an artifact", lambda: catalog.artifacts.get(step_run().outputs["v3"]))
    yield ask("what made a version", lambda: lineage.makers(step_run().outputs["v3"]))
    yield ask("what made a version that everything makes", lambda: lineage.makers(world.common))
    yield ask("what was made from a version", lambda: lineage.users(step_run().outputs["v3"]))
    yield ask("what was made from a version that all read", lambda: lineage.users(world.common))
    yield ask(
        "the first makers of 300 versions",
        lambda: lineage.origins([version for _ in some[:30] for version in step_run().outputs.values()]),
    )
    yield ask("20 levels up from a version", lambda: upwards(catalog, step_run().outputs["v3"], 20))
    yield ask(
        "the latest users of 100 versions",
        lambda: lineage.latest_users([version for _ in some[:10] for version in step_run().outputs.values()]),
    )
    yield ask("steps that read a file", lambda: lineage.using("file", f"data/{notebook()}.csv"))
    yield ask("steps that read a file that all read", lambda: lineage.using("file", "data/all.csv"))
    yield ask("steps that used a package version", lambda: lineage.using("package", "numpy", "2.0"))
    yield ask("steps that used a commit", lambda: lineage.using("commit", world.commit(place()[0])))
    yield ask("what a step uses", lambda: lineage.uses(step_run().step))
    yield ask("the latest metrics of 50 step runs", lambda: catalog.metrics.latest([step_run().id for _ in some[:50]]))


def why(catalog: Catalog, one: StepRun) -> None:
    latest = catalog.step_runs.last(one.step, part=0)
    assert latest is not None
    catalog.step_runs.last(one.step, part=0, before=latest.id, useful=True)


def upwards(catalog: Catalog, version: str, levels: int) -> None:
    versions = {version}
    for _ in range(levels):
        makers = set(catalog.lineage.origins(versions).values())
        versions = {edge.version for edge in catalog.lineage.inputs(makers)}


# a made-up past


@dataclass(frozen=True)
class Made:
    step_run: StepRun
    entry: Entry
    artifacts: dict[str, Artifact]


class World:
    """Runs of notebooks of 50 steps in which each step reads two outputs of earlier ones; the same each time."""

    now = 1_700_000_000.0
    common = "b3:" + "0" * 64

    def __init__(self, runs: int) -> None:
        self.runs = runs
        self._seed = secrets.token_hex(8)

    def id(self, kind: str, *place: int) -> str:
        seconds = self.now + place[0] * 1000 + (place[1] + 1 if len(place) > 1 else 0)
        return new_id(seconds, random.Random(f"{self._seed} {kind} {place}").getrandbits)

    def digest(self, *place: object) -> str:
        return f"b3:{random.Random(f'{self._seed} {place}').getrandbits(256):064x}"

    def notebook(self, number: int) -> str:
        return f"notebook-{number:08}"

    def commit(self, run: int) -> str:
        return f"{run // 10:040x}"

    def run(self, number: int) -> Run:
        status = "failed" if number % 17 == 0 else "succeeded"
        notebook = self.notebook(number % NOTEBOOKS if number % 2 else 0)
        return Run(id=self.id("run", number), notebook=notebook, status=status, owner="me", commit=self.commit(number))

    def version(self, run: int, place: int, name: int) -> str:
        return self.common if name == 0 else self.digest("version", run, place, name)

    def step_run(self, run: int, place: int) -> Made:
        chosen = random.Random(run * 1000 + place)
        step = StepId(notebook=self.run(run).notebook, name=f"step {place % STEPS}")
        outputs = {f"v{name}": self.version(run, place, name) for name in range(ARTIFACTS_A_STEP_RUN)}
        inputs = {"v0": self.common}
        if place:
            inputs |= {f"x{n}": self.version(run, chosen.randrange(max(0, place - 5), place), n) for n in (3, 4)}
        file = Observation(kind="file", name=f"data/{step.notebook}.csv", version=self.digest("file", run // 50))
        everyones = Observation(kind="file", name="data/all.csv", version=self.digest("all", run // 100))
        packages = tuple(Ingredient(kind="package", name=f"package-{n}", version="1.0") for n in range(PACKAGES))
        numpy = Ingredient(kind="package", name="numpy", version="2.0")
        code = Ingredient(
            kind="code", name="cell", version=self.digest("code", run, place), detail={"line 1": "x" * 60}
        )
        identity = self.id("step", run, place)
        step_run = StepRun(
            id=identity,
            run=self.run(run).id,
            step=step,
            state=State.FAILED if chosen.random() < 0.01 else State.SUCCEEDED,
            key=self.digest("key", run, place),
            why="its input `digits` changed: column `pixel_0_0`",
            source=f"v3 = model_{place % STEPS}.fit(x3, x4)\n" * 10,
            ingredients=(code, numpy, *packages),
            inputs=inputs,
            outputs=outputs,
            trace=(file, everyones),
            executor="ray" if chosen.random() < 0.001 else "inline",
            started=self.now,
            ended=self.now + 1,
            seconds=1.0,
        )
        types = ("pandas.DataFrame", "numpy.ndarray", "builtins.dict", "builtins.int")
        artifacts = {
            name: Artifact(
                version=version,
                type=types[number % 4],
                size=1000,
                preview="a preview of some forty characters or so",
                part=Part(names=(name,), format="npy", blob=self.digest("blob", version), size=1000),
            )
            for number, (name, version) in enumerate(outputs.items())
        }
        entry = Entry(
            key=step_run.key or "",
            result=self.digest("result", run, place),
            trace=step_run.trace,
            created=self.now + run,
            seconds=1.0,
            step_run=identity,
            size=10_000,
        )
        return Made(step_run, entry, artifacts)

    def hit(self, one: Made) -> StepRun:
        fields = {name: getattr(one.step_run, name) for name in StepRun.__struct_fields__}
        fresh = new_id(time.time(), secrets.randbits)
        return StepRun(**{**fields, "id": fresh, "state": State.HIT, "entry": one.step_run.id})


# telling


def each(items: Iterable, work: Callable) -> list[float]:
    times = []
    for item in items:
        start = time.perf_counter()
        work(item)
        times.append(time.perf_counter() - start)
    return times


def report(name: str, times: list[float]) -> bool:
    worst = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
    print(f"  {name:48}{statistics.median(times) * 1e6:9.0f} µs   p95 {worst * 1e6:9.0f} µs")
    return worst <= LIMIT


if __name__ == "__main__":
    sys.exit(main())
