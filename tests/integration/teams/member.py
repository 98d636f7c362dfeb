"""What a member of a team runs: steps that others run too, in an order of its own. Each execution leaves a line.

python member.py NUMBER CHAINS SEED WITNESS TOLD PAUSE
"""

import json
import os
import random
import sys
import time

import steppe

WITNESS = os.open(sys.argv[4], os.O_WRONLY | os.O_APPEND)
PAUSE = float(sys.argv[6])
ME = f"{sys.argv[1]}.{os.getpid()}"


def witness(name, number):
    """Say that a step runs here: one write to a file that is open from the start, which no step is seen to use."""
    os.write(WITNESS, f"{ME} {name} {number}\n".encode())


sys.steppe_witness = witness  # where no key looks: who it is that runs a step is nobody's business


@steppe.step
def make(number: int) -> list:
    sys.steppe_witness("make", number)
    return [number * each for each in range(50)]


@steppe.step
def total(number: int, made: list) -> dict:
    sys.steppe_witness("total", number)
    return {"number": number, "sum": sum(made)}


def timed(kind, name, times):
    """Have the calls of a method timed, its errors included."""
    plain = getattr(kind, name)

    def call(*args, **kwargs):
        began = time.perf_counter()
        try:
            return plain(*args, **kwargs)
        finally:
            times.append(time.perf_counter() - began)

    setattr(kind, name, call)


def main():
    from steppe.catalog.claims import Claims
    from steppe.catalog.entries import Entries
    from steppe.store.tiered import TieredStore

    times = {"find": [], "acquire": [], "keep": [], "get": [], "call": []}
    timed(Entries, "find", times["find"])
    timed(Entries, "keep", times["keep"])
    timed(Claims, "acquire", times["acquire"])
    timed(TieredStore, "_bring", times["get"])
    chosen = random.Random(int(sys.argv[3]))
    chains = json.loads(sys.argv[2])
    chosen.shuffle(chains)
    print("ready", flush=True)
    sys.stdin.readline()
    wrong = []
    for number in chains:
        began = time.perf_counter()
        found = total(number, make(number))
        times["call"].append((time.perf_counter() - began) / 2)
        if found != {"number": number, "sum": number * 1225}:
            wrong.append([number, found])
        if PAUSE:
            time.sleep(chosen.uniform(0, 2 * PAUSE))
    with open(sys.argv[5], "w") as told:
        json.dump({"wrong": wrong, "times": times}, told)


if __name__ == "__main__":
    main()
