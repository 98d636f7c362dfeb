"""`steppe.langchain_callback()`: the graph of a LangChain Runnable as steps, written down as other traced calls are."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler

from steppe.functions.sessions import home
from steppe.functions.spans import Live
from steppe.worker.running import RUNNING

Serialized = dict[str, Any] | None


class StepsCallback(BaseCallbackHandler):  # type: ignore[misc]  # LangChain is no dependency: its types are not read
    """Writes each part of a Runnable that runs down as a step, inside of the part, or the step, that runs it."""

    run_inline = True
    """It is called where the part runs, and not in a thread beside it: what it notes is when that begins and ends."""

    def __init__(self) -> None:
        self._live: dict[UUID, Live] = {}

    def on_chain_start(
        self, serialized: Serialized, inputs: Any, *, run_id: UUID, parent_run_id: UUID | None = None, **more: Any
    ) -> None:
        """Note that a chain, a prompt, a function … begins."""
        del inputs
        self._begin(serialized, run_id, parent_run_id, "chain", more)

    def on_llm_start(
        self, serialized: Serialized, prompts: Any, *, run_id: UUID, parent_run_id: UUID | None = None, **more: Any
    ) -> None:
        """Note that a language model begins."""
        del prompts
        self._begin(serialized, run_id, parent_run_id, "model", more)

    def on_chat_model_start(
        self, serialized: Serialized, messages: Any, *, run_id: UUID, parent_run_id: UUID | None = None, **more: Any
    ) -> None:
        """Note that a chat model begins."""
        del messages
        self._begin(serialized, run_id, parent_run_id, "model", more)

    def on_tool_start(
        self, serialized: Serialized, input_str: str, *, run_id: UUID, parent_run_id: UUID | None = None, **more: Any
    ) -> None:
        """Note that a tool begins."""
        del input_str
        self._begin(serialized, run_id, parent_run_id, "tool", more)

    def on_retriever_start(
        self, serialized: Serialized, query: str, *, run_id: UUID, parent_run_id: UUID | None = None, **more: Any
    ) -> None:
        """Note that a retriever begins."""
        del query
        self._begin(serialized, run_id, parent_run_id, "retriever", more)

    def on_chain_end(self, outputs: Any, *, run_id: UUID, **_: Any) -> None:
        """Note that it has ended."""
        del outputs
        self._end(run_id)

    def on_llm_end(self, response: Any, *, run_id: UUID, **_: Any) -> None:
        """Note that it has ended."""
        del response
        self._end(run_id)

    def on_tool_end(self, output: Any, *, run_id: UUID, **_: Any) -> None:
        """Note that it has ended."""
        del output
        self._end(run_id)

    def on_retriever_end(self, documents: Any, *, run_id: UUID, **_: Any) -> None:
        """Note that it has ended."""
        del documents
        self._end(run_id)

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        """Note that it has failed."""
        self._end(run_id, error)

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        """Note that it has failed."""
        self._end(run_id, error)

    def on_tool_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        """Note that it has failed."""
        self._end(run_id, error)

    def on_retriever_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        """Note that it has failed."""
        self._end(run_id, error)

    def _begin(
        self, serialized: Serialized, run_id: UUID, parent_run_id: UUID | None, kind: str, more: dict[str, Any]
    ) -> None:
        outer = self._live.get(parent_run_id) if parent_run_id is not None else None
        outer = outer or RUNNING.get()
        session = outer.session if outer is not None else home()
        if session is None:
            return
        live = self._live[run_id] = Live(_name_of(serialized, more, kind), getattr(session, "origin", session), outer)
        live.why = f"a {kind} of LangChain"

    def _end(self, run_id: UUID, error: BaseException | None = None) -> None:
        live = self._live.pop(run_id, None)
        if live is not None:
            live.end(error)


def _name_of(serialized: Serialized, more: dict[str, Any], kind: str) -> str:
    """Return what LangChain calls a part of a Runnable."""
    described = serialized or {}
    return str(more.get("name") or described.get("name") or (described.get("id") or [kind])[-1])
