"""The global random generators of Python, NumPy and torch: how the state of each is read, set and seeded."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from blake3 import blake3

from steppe.values.walk import content


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
    """

    def __init__(
        self,
        name: str,
        read: Callable[[], Any],
        write: Callable[[Any], None],
        seed: Callable[[int], Any],
        seeding: tuple[str, ...],
        telling: tuple[str, ...],
    ) -> None:
        self.name = name
        self.module = name
        self.read = read
        self.write = write
        self.seed = seed
        self.seeding = seeding
        self.telling = telling

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


def _read_numpy() -> Any:
    state = _numpy().mtrand._rand.get_state()  # noqa: SLF001  # `numpy.random.get_state` is wrapped
    kind, keys, position, has_gauss, gauss = state
    return kind, keys.tobytes(), position, has_gauss, gauss


def _write_numpy(state: Any) -> None:
    numpy = sys.modules["numpy"]
    kind, keys, position, has_gauss, gauss = state
    numpy.random.mtrand._rand.set_state(  # noqa: SLF001  # `numpy.random.set_state` is wrapped
        (kind, numpy.frombuffer(keys, dtype=numpy.uint32), position, has_gauss, gauss)
    )


GENERATORS = (
    Generator(
        "random",
        lambda: _random()._inst.getstate(),  # noqa: SLF001, PLW0108  # the generator behind `random.random`
        lambda state: _random()._inst.setstate((state[0], tuple(state[1]), state[2])),  # noqa: SLF001
        lambda seed: _random()._inst.seed(seed),  # noqa: SLF001, PLW0108
        ("seed", "setstate"),
        ("getstate",),
    ),
    Generator(
        "numpy",
        _read_numpy,
        _write_numpy,
        lambda seed: _numpy().mtrand._rand.seed(seed),  # noqa: SLF001, PLW0108
        ("random.seed", "random.set_state"),
        ("random.get_state",),
    ),
    Generator(
        "torch",
        _read_torch,
        _write_torch,
        _seed_torch,
        ("manual_seed", "random.manual_seed", "set_rng_state", "random.set_rng_state"),
        ("get_rng_state", "random.get_rng_state", "initial_seed", "random.initial_seed"),
    ),
)


def seed_for(name: str, seed: int) -> int:
    """Return one generator's seed below 2**32 for a step's seed."""
    return int.from_bytes(blake3(f"{name}:{seed}".encode()).digest()[:4], "little")


def state_version(state: Any) -> str:
    """Return the version of a generator's state."""
    return f"b3:{content(repr(state).encode()).hex()}"
