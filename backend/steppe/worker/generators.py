"""The global random generators of Python, NumPy and torch: how the state of each is read, set and seeded."""

from __future__ import annotations

import array
import json
import sys
from collections.abc import Callable
from typing import Any

from blake3 import blake3

from steppe.values.walk import content
from steppe.worker.mersenne import leads_to

TWISTER = "MT19937"


class Generator:
    """One global generator, as a pair of functions over its state.

    Attributes:
        name: how it is called in explanations.
        module: what must be loaded for it to exist.
        read: returns its state, as plain data.
        write: sets its state.
        seed: seeds it with an integer below 2**32.
        seeding: functions of the module (dotted) that the notebook may call to set the state.
        telling: functions of the module (dotted) that tell the state.
        drawn: tells of two of its states, and seconds of patience, whether the second comes from the first by drawing.
    """

    def __init__(
        self,
        name: str,
        read: Callable[[], Any],
        write: Callable[[Any], None],
        seed: Callable[[int], Any],
        seeding: tuple[str, ...],
        telling: tuple[str, ...],
        drawn: Callable[[Any, Any, float], bool],
    ) -> None:
        self.name = name
        self.module = name
        self.read = read
        self.write = write
        self.seed = seed
        self.seeding = seeding
        self.telling = telling
        self.drawn = drawn

    @property
    def loaded(self) -> bool:
        """Tell whether the generator's library is imported."""
        module = sys.modules.get(self.module)
        return module is not None and not getattr(module.__spec__, "_initializing", False)

    def place(self, dotted: str) -> tuple[Any, str]:
        """Return the owner of a function of the module, and its name there."""
        *path, last = dotted.split(".")
        owner: Any = sys.modules[self.module]
        for name in path:
            owner = getattr(owner, name)
        return owner, last


def _random() -> Any:
    return sys.modules["random"]


def _numpy() -> Any:
    return sys.modules["numpy"].random


def _torch() -> Any:
    return sys.modules["torch"]


def _read_torch() -> Any:
    torch = _torch()
    states = [torch.default_generator.get_state().numpy().tobytes()]
    if torch.cuda.is_initialized():
        states += [state.cpu().numpy().tobytes() for state in torch.cuda.get_rng_state_all()]
    return tuple(states)


def _write_torch(states: Any) -> None:
    torch = _torch()
    tensors = [torch.frombuffer(bytearray(state), dtype=torch.uint8) for state in states]
    torch.default_generator.set_state(tensors[0])
    if len(tensors) > 1 and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(tensors[1:])


def _seed_torch(seed: int) -> None:
    torch = _torch()
    torch.default_generator.manual_seed(seed)
    if torch.cuda.is_initialized():
        torch.cuda.manual_seed_all(seed)


def _torch_drawn(known: Any, state: Any, _patience: float) -> bool:
    """Tell whether no generator of torch was seeded: each of their states holds its seed, which draws leave alone."""
    return len(known) <= len(state) and all(map(_torch_seed_stays, known, state))


def _torch_seed_stays(known: bytes, state: bytes) -> bool:
    seed = slice(0, 8)  # of a CPU's generator; a GPU's state is its seed and its offset, eight bytes each
    return len(known) == len(state) and known[seed] == state[seed]


def _read_numpy() -> Any:
    state = _numpy().mtrand._rand.get_state(legacy=False)  # noqa: SLF001  # `numpy.random.get_state` is wrapped
    kind = state["bit_generator"]
    if kind != TWISTER:
        return kind, json.dumps(state, default=lambda value: value.tolist(), sort_keys=True)
    return kind, state["state"]["key"].tobytes(), state["state"]["pos"], state["has_gauss"], state["gauss"]


def _write_numpy(state: Any) -> None:
    numpy = sys.modules["numpy"]
    kind = state[0]
    generator = numpy.random.mtrand._rand  # noqa: SLF001  # `numpy.random.set_state` is wrapped
    if generator.get_state(legacy=False)["bit_generator"] != kind:
        numpy.random.set_bit_generator(getattr(numpy.random, kind)())
    if kind != TWISTER:
        generator.set_state(json.loads(state[1]))
        return
    _, keys, position, has_gauss, gauss = state
    generator.set_state((kind, numpy.frombuffer(keys, dtype=numpy.uint32), position, has_gauss, gauss))


def _numpy_drawn(known: Any, state: Any, patience: float) -> bool:
    if known[0] != TWISTER or state[0] != TWISTER:
        return False
    before, after = array.array("I", known[1]), array.array("I", state[1])
    return leads_to(tuple(before), known[2], tuple(after), state[2], patience)


def _random_drawn(known: Any, state: Any, patience: float) -> bool:
    before, after = known[1], state[1]
    return leads_to(tuple(before[:-1]), before[-1], tuple(after[:-1]), after[-1], patience)


GENERATORS = (
    Generator(
        "random",
        lambda: _random()._inst.getstate(),  # noqa: SLF001, PLW0108  # the generator behind `random.random`
        lambda state: _random()._inst.setstate((state[0], tuple(state[1]), state[2])),  # noqa: SLF001
        lambda seed: _random()._inst.seed(seed),  # noqa: SLF001, PLW0108
        ("seed", "setstate"),
        ("getstate",),
        _random_drawn,
    ),
    Generator(
        "numpy",
        _read_numpy,
        _write_numpy,
        lambda seed: _numpy().mtrand._rand.seed(seed),  # noqa: SLF001, PLW0108
        ("random.seed", "random.set_state"),
        ("random.get_state",),
        _numpy_drawn,
    ),
    Generator(
        "torch",
        _read_torch,
        _write_torch,
        _seed_torch,
        ("manual_seed", "random.manual_seed", "set_rng_state", "random.set_rng_state"),
        ("get_rng_state", "random.get_rng_state", "initial_seed", "random.initial_seed"),
        _torch_drawn,
    ),
)


def seed_for(name: str, seed: int) -> int:
    """Return one generator's seed below 2**32 for a step's seed."""
    return int.from_bytes(blake3(f"{name}:{seed}".encode()).digest()[:4], "little")


def state_version(state: Any) -> str:
    """Return the version of a generator's state."""
    return f"b3:{content(repr(state).encode()).hex()}"
