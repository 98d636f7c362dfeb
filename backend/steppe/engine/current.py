"""The session of this process's kernel, for what is called from the user's code: `steppe.load`, `steppe.log_metric`."""

from __future__ import annotations

from steppe.engine.session import Session

_SESSIONS: list[Session] = []


def begin(session: Session) -> None:
    """Make a session the current one."""
    _SESSIONS.append(session)


def end(session: Session) -> None:
    """Make a session no longer the current one."""
    if session in _SESSIONS:
        _SESSIONS.remove(session)


def current() -> Session | None:
    """Return the current session, or None where there is none."""
    return _SESSIONS[-1] if _SESSIONS else None
