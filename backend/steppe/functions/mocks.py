"""Steps stood in for, for tests of pipelines: no engine, no catalog, nothing kept."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, NamedTuple, Self

from steppe.errors import UsageError

MOCKS: list[MockedSteps] = []
"""Those that are in force, the latest last."""


class MockedCall(NamedTuple):
    """One call of a step that was stood in for."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class MockedSteps:
    """What `steppe.testing.mock_steps` returns: stands in for steps while it is entered, and remembers their calls."""

    def __init__(self, stand_ins: Mapping[Any, Any]) -> None:
        """Stand in for steps.

        Raises:
            UsageError: a key is neither a step nor the name of one.
        """
        self._by_name: dict[str, Any] = {}
        for key, value in stand_ins.items():
            self._by_name[_name_of(key)] = value
        self.calls: dict[str, list[MockedCall]] = {}

    def __enter__(self) -> Self:
        MOCKS.append(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        MOCKS.remove(self)

    def __getitem__(self, step: Any) -> list[MockedCall]:
        """Return the calls of a step, in order."""
        return self.calls.get(_name_of(step), [])

    def call(self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return what stands in for a call; a step that nothing stands in for runs as the function that it is.

        Args:
            function: the step.
            args: of the call, by position.
            kwargs: of the call, by name.
        """
        self.calls.setdefault(function.name, []).append(MockedCall(args, kwargs))
        if function.name not in self._by_name:
            return function.__wrapped__(*args, **kwargs)
        function.signature.bind(function.name, args, kwargs)
        stand_in = self._by_name[function.name]
        return stand_in(*args, **kwargs) if callable(stand_in) else stand_in

    def resource(self, resource: Any) -> tuple[bool, Any]:
        """Return whether something stands in for an external resource, and what: nothing is raised then.

        Args:
            resource: the external resource that is entered.
        """
        name = type(resource).__qualname__
        if name not in self._by_name:
            return False, None
        self.calls.setdefault(name, []).append(MockedCall((), dict(vars(resource))))
        return True, self._by_name[name]


def _name_of(key: Any) -> str:
    from steppe.functions.external import ExternalResource

    if isinstance(key, type) and issubclass(key, ExternalResource):
        return key.__qualname__
    name = key if isinstance(key, str) else getattr(key, "name", None)
    if not isinstance(name, str):
        raise UsageError(f"mock_steps takes steps, or their names, not {key!r}: mock_steps({{train: 3}}).")
    return name
