"""A LangChain Runnable's graph as steps: sequences, branches, streams, errors, event loops, requests side by side."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

import steppe

runnables = pytest.importorskip("langchain_core.runnables")


@pytest.fixture
def chain():
    prompts = pytest.importorskip("langchain_core.prompts")
    models = pytest.importorskip("langchain_core.language_models.fake_chat_models")
    parsers = pytest.importorskip("langchain_core.output_parsers")
    prompt = prompts.ChatPromptTemplate.from_template("{question} in {words} words")
    model = models.GenericFakeChatModel(messages=iter(["two words"] * 50))
    parallel = runnables.RunnableParallel(question=lambda x: x, words=lambda x: len(x))
    return parallel | prompt | model | parsers.StrOutputParser()


def tree(runs):
    """Return the names of each step's children, by its own; roots are those of the empty name."""
    names = {run.id: run.step.name for run in runs}
    found = {}
    for run in runs:
        found.setdefault(names.get(run.parent, ""), []).append(run.step.name)
    return {name: sorted(children) for name, children in found.items()}


GRAPH = {
    "": ["RunnableSequence"],
    "RunnableSequence": [
        "ChatPromptTemplate",
        "GenericFakeChatModel",
        "RunnableParallel<question,words>",
        "StrOutputParser",
    ],
    "RunnableParallel<question,words>": ["RunnableLambda", "RunnableLambda"],
}


def test_a_chain_is_a_tree_of_steps(traced, chain):
    assert chain.invoke("why", config={"callbacks": [steppe.langchain_callback()]}) == "two words"
    runs = traced()
    assert tree(runs) == GRAPH
    assert {str(run.state) for run in runs} == {"succeeded"}
    assert "a model of LangChain" in {run.why for run in runs}


def test_a_chain_that_is_streamed_or_awaited_is_the_same_tree(traced, chain):
    config = {"callbacks": [steppe.langchain_callback()]}
    assert "".join(chain.stream("why", config=config)) == "two words"
    assert tree(traced()) == GRAPH
    assert asyncio.run(chain.ainvoke("why", config=config)) == "two words"
    assert tree(traced()) == {name: sorted(children * 2) for name, children in GRAPH.items()}


def test_a_chain_inside_of_a_step_is_its_child_and_requests_are_kept_apart(traced, chain):
    callback = steppe.langchain_callback()

    @steppe.step(cache=False, name="request")
    def request(question):
        return chain.invoke(question, config={"callbacks": [callback]})

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(request, ["why", "how", "who", "what"])) == ["two words"] * 4
    runs = traced()
    roots = [run for run in runs if run.step.name == "RunnableSequence"]
    assert sorted(run.parent for run in roots) == sorted(run.id for run in runs if run.step.name == "request")
    for root in roots:
        assert len([run for run in runs if run.parent == root.id]) == 4


def test_a_part_that_fails_fails_those_around_it(traced):
    def broken(_):
        raise ValueError("no answer")

    chain = runnables.RunnableLambda(lambda x: x) | runnables.RunnableLambda(broken)
    with pytest.raises(ValueError, match="no answer"):
        chain.invoke("why", config={"callbacks": [steppe.langchain_callback()]})
    found = {run.step.name: run for run in traced()}
    assert str(found["RunnableSequence"].state) == str(found["broken"].state) == "failed"
    assert found["broken"].error == "ValueError: no answer"
