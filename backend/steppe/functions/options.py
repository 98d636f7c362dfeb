"""What `@steppe.step(…)` and `.options(…)` take: the options of `%%step`, and a few that only a function can have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from steppe.errors import BadOption, UnknownOption, UsageError

OF_CELLS = {
    "inputs": "a function's inputs are its arguments",
    "outputs": "a function's output is what it returns",
    "setup": "a function that sets something up is called where that is needed",
    "wait": "`.submit()` does not wait",
    "map": "`.map()` calls a function for each of many",
    "sweep": "`.map()` calls a function for each of many",
    "gather": "`.map()` returns a list of the values",
}
"""Options of `%%step` that a function has no use for, and why."""

DEFAULTS = {"step": True, "pipeline": False}
"""Whether results are kept where nothing is said."""


class Told:
    """What one step was told.

    Attributes:
        kind: `step` or `pipeline`.
        given: the options as they were given, but for those below.
        retry_on: classes of errors that are worth another try; None where all are.
        source: gives the value that is an input, or None.
        cache: whether results are kept.
        inline: whether nothing says that it runs anywhere but in this process.
        retries: how often it is tried again.
    """

    def __init__(self, kind: str, mapping: Mapping[str, Any]) -> None:
        """Read the options.

        Raises:
            UsageError: one is unknown, or does not fit.
        """
        from steppe.analysis.options import Options, from_mapping

        self.kind = kind
        given = dict(mapping)
        for name, why in OF_CELLS.items():
            if name in given:
                raise UsageError(f"@steppe.{kind} has no option `{name}`: {why}.")
        self.retry_on = _errors(kind, given.pop("retry_on", None))
        self.source: Callable[..., Any] | None = _source(kind, given.pop("source", None))
        self.name: str | None = given.pop("name", None)
        given = {name: value for name, value in given.items() if value is not None}
        self.given = given
        if self.name is not None and not (isinstance(self.name, str) and self.name.strip()):
            raise UsageError(f"@steppe.{kind} name={self.name!r}: give a text.")
        try:
            self.options: Options = from_mapping(given)
        except (UnknownOption, BadOption) as error:
            error.args = (str(error).replace("%%step", f"@steppe.{kind}", 1),)
            raise
        self.cache = DEFAULTS[kind] if self.options.cache is None else self.options.cache
        self.retries = self.options.retries or 0
        options = self.options
        asked = options.resources
        away = asked.gpu > 0 or asked.nodes > 1 or asked.workers > 0 or options.profile is not None
        self.inline = options.on == "inline" or (options.on is None and not away)
        self.timeout = options.timeout if isinstance(options.timeout, float | int) else None

    def having(self, mapping: Mapping[str, Any]) -> Told:
        """Return this with some options in the place of those that it has."""
        return Told(self.kind, {**self.mapping(), **mapping})

    def mapping(self) -> dict[str, Any]:
        """Return the options as they were given."""
        more = {"retry_on": self.retry_on, "source": self.source, "name": self.name}
        return {**self.given, **{name: value for name, value in more.items() if value is not None}}

    def at(self, profiles: Mapping[str, Mapping[str, Any]]) -> Any:
        """Return the Options with the profile that they name merged in."""
        from steppe.analysis.options import from_mapping

        profile = self.options.profile
        if profile is None:
            return self.options
        if profile not in profiles:
            known = ", ".join(sorted(profiles)) or "none"
            raise UsageError(
                f"@steppe.{self.kind} profile={profile}: no such table in [tool.steppe.profiles]; there are: {known}."
            )
        return from_mapping(self.given, profile=profiles[profile])

    def worth(self, error: BaseException) -> bool:
        """Tell whether an error is worth another try."""
        return isinstance(error, self.retry_on if self.retry_on is not None else Exception)

    @property
    def said(self) -> tuple[tuple[str, str], ...]:
        """What of it a result may depend on, for whoever reaches the step from code of another."""
        options = self.options
        found = {"seed": options.seed, "files": options.files or None, "env": options.env, "expires": options.expires}
        return tuple((name, repr(value)) for name, value in found.items() if value is not None)


def _errors(kind: str, value: Any) -> tuple[type[BaseException], ...] | None:
    if value is None:
        return None
    errors = value if isinstance(value, tuple | list) else (value,)
    if not all(isinstance(each, type) and issubclass(each, BaseException) for each in errors):
        raise UsageError(f"@steppe.{kind} retry_on={value!r}: give a class of errors, or several: retry_on=(OSError,).")
    return tuple(errors)


def _source(kind: str, value: Any) -> Callable[..., Any] | None:
    if value is not None and not callable(value):
        raise UsageError(f"@steppe.{kind} source={value!r}: give a function without parameters, such as a lambda.")
    found: Callable[..., Any] | None = value
    return found
