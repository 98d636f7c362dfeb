"""How long the Jupyter server takes to answer, with a catalog of 100,000 StepRuns and 1,000,000 artifacts.

python tests/benchmarks/server.py                      fills a catalog first (some minutes and 4 GB of disk)
python tests/benchmarks/server.py --project FOLDER     likewise in FOLDER, and leaves it there for another time
python tests/benchmarks/server.py --postgresql         likewise in a PostgreSQL server of its own
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import requests
from catalog import LIMIT, NOTEBOOKS, RUNS, World, fill

from steppe.catalog import open_catalog

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.integration.postgres import running
from tests.integration.server.live import Live, serving

TIMES = 60


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--project", default="", help="a folder, with a catalog from before or without one")
    options.add_argument("--runs", type=int, default=RUNS, help="of 100 StepRuns and 1,000 artifacts each")
    options.add_argument("--postgresql", action="store_true", help="keep the catalog in a PostgreSQL server")
    options.add_argument("--only", default="", help="ask only what has this in its name")
    asked = options.parse_args()
    with (
        contextlib.ExitStack() as with_postgresql,
        tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/var/tmp"), prefix="steppe-server-") as folder,
    ):
        project = Path(asked.project or folder, "project")
        (project / ".git").mkdir(parents=True, exist_ok=True)
        url = with_postgresql.enter_context(filled_server(asked.runs)) if asked.postgresql else ""
        catalog = project / ".steppe" / "catalog.db"
        if not url and not catalog.exists():
            catalog.parent.mkdir(exist_ok=True)
            fresh = catalog.with_name("filling.db")
            with open_catalog(str(fresh)) as filled:
                fill(filled, World(asked.runs))
            fresh.rename(catalog)
        home = Path(folder, "home")
        home.mkdir()
        with serving(project, home, {"STEPPE_CATALOG": url} if url else {}) as live:
            server = psutil.Process(live.pid)
            late = [
                name for name, question in questions(live) if asked.only in name and not timed(name, question, server)
            ]
    print(f"beyond {LIMIT:.1f} s: {', '.join(late)}" if late else f"every p95 is within {LIMIT:.1f} s")
    return 1 if late else 0


@contextlib.contextmanager
def filled_server(runs: int) -> Iterator[str]:
    """Yield the URL of a PostgreSQL database with a catalog that is filled, and looked over as autovacuum does."""
    with running() as server:
        url = server.database()
        with open_catalog(url) as filled:
            fill(filled, World(runs))
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        yield url


def timed(name: str, question: Callable[[], requests.Response], server: psutil.Process) -> bool:
    """Ask some times; tell the times, and whether they are short enough. The first answer pays for warming up.

    The server's own processor time is told beside them: on a machine that others use too, only that says much.
    """
    question()
    times = []
    before = server.cpu_times()
    for _ in range(TIMES):
        start = time.perf_counter()
        answer = question()
        times.append(time.perf_counter() - start)
        assert answer.status_code == 200, f"{name}: {answer.text}"
    spent = server.cpu_times()
    mean = (spent.user + spent.system - before.user - before.system) / TIMES
    worst = statistics.quantiles(times, n=20)[-1]
    print(
        f"  {name:42}{statistics.median(times) * 1e3:8.1f} ms   p95 {worst * 1e3:8.1f} ms   "
        f"processor {mean * 1e3:6.1f} ms",
        flush=True,
    )
    return worst <= LIMIT


def questions(live: Live) -> Iterator[tuple[str, Callable[[], requests.Response]]]:
    """Yield what the front end asks in lists, details and lineage, of things all over the catalog."""
    choose = random.Random(1)
    session = requests.Session()
    session.headers.update(live.headers)

    def ask(route: str, **query: object) -> requests.Response:
        return session.get(f"{live.url}/steppe/api/{route}", params=query)

    runs = [run["id"] for run in pages(ask, "runs", 1000)]
    steps = [
        step["id"] for run in choose.sample(runs, min(20, len(runs))) for step in ask(f"runs/{run}").json()["steps"]
    ]
    wholes = [ask(f"step-runs/{id_}").json() for id_ in choose.sample(steps, 40)]
    versions = [value["version"] for whole in wholes for value in whole["outputs"] if value["name"] != "v0"]
    common = next(value["version"] for value in wholes[0]["outputs"] if value["name"] == "v0")

    def notebook() -> str:
        return f"notebook-{choose.randrange(NOTEBOOKS):08}"

    yield "runs", lambda: ask("runs")
    yield "runs, 500 at once", lambda: ask("runs", limit=500)
    yield "runs, a page in the middle", lambda: ask("runs", after=choose.choice(runs))
    yield "runs of a notebook", lambda: ask("runs", notebook=notebook())
    yield "runs that failed", lambda: ask("runs", status="failed")
    yield "runs of an owner", lambda: ask("runs", owner="me")
    yield "runs of an owner who is not there", lambda: ask("runs", owner="nobody")
    yield "runs with a tag", lambda: ask("runs", tag="tag 7")
    yield "runs of an hour", lambda: ask("runs", since=World.now + 10_000, until=World.now + 13_600)
    yield "runs found by a step's name", lambda: ask("runs", search="step 7")
    yield "runs found by a tag", lambda: ask("runs", search="ag 7")
    yield "runs found by nothing", lambda: ask("runs", search="nowhere")
    yield "a run with its 100 step runs", lambda: ask(f"runs/{choose.choice(runs)}")
    yield "step runs", lambda: ask("step-runs")
    yield "step runs, 500 at once", lambda: ask("step-runs", limit=500)
    yield "step runs of a run", lambda: ask("step-runs", run=choose.choice(runs), limit=200)
    yield "step runs of a notebook", lambda: ask("step-runs", notebook=notebook())
    yield "step runs of a step", lambda: ask("step-runs", notebook=notebook(), step="step 7")
    yield "step runs of a step in all notebooks", lambda: ask("step-runs", step="step 7")
    yield "step runs of a step that is not there", lambda: ask("step-runs", step="none")
    yield "step runs that failed", lambda: ask("step-runs", state="failed")
    yield "step runs that were lost (none)", lambda: ask("step-runs", state="lost")
    yield "step runs of a notebook that failed", lambda: ask("step-runs", notebook=notebook(), state="failed")
    yield "step runs of a run that failed", lambda: ask("step-runs", run=choose.choice(runs), state="failed")
    yield "step runs with a tag (none)", lambda: ask("step-runs", tag="tag 7")
    yield "a step run", lambda: ask(f"step-runs/{choose.choice(steps)}")
    yield "metrics of a step run", lambda: ask(f"step-runs/{choose.choice(steps)}/metrics")
    yield "logs of a step run", lambda: ask(f"step-runs/{choose.choice(steps)}/logs")
    yield "what a step run used", lambda: ask(f"step-runs/{choose.choice(steps)}/usage")
    yield "environment of a step run", lambda: ask(f"step-runs/{choose.choice(steps)}/environment")
    yield "earlier code of a step run", lambda: ask(f"step-runs/{choose.choice(steps)}/code-versions")
    yield "code beside the one before", lambda: ask(f"step-runs/{choose.choice(steps)}/diff")
    yield "two runs compared", lambda: ask("compare", a=choose.choice(runs), b=choose.choice(runs))
    yield "lineage", lambda: ask(f"lineage/{choose.choice(versions)}")
    yield "lineage, 20 levels", lambda: ask(f"lineage/{choose.choice(versions)}", up=20, down=20, limit=1000)
    yield "lineage of what all read and make", lambda: ask(f"lineage/{common}")
    yield "lineage of that, 1000 knots", lambda: ask(f"lineage/{common}", up=20, down=20, limit=1000)


def pages(ask: Callable[..., requests.Response], route: str, most: int) -> list[dict]:
    """Return the items of a list, some hundred at a time."""
    found: list[dict] = []
    after = None
    while len(found) < most:
        page = ask(route, limit=500, **({"after": after} if after else {})).json()
        found += page["items"]
        after = page["next"]
        if after is None:
            break
    return found


if __name__ == "__main__":
    sys.exit(main())
