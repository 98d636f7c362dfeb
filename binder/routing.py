"""Answer questions from two small libraries: a request is routed, its passage found, its answer streamed.

python binder/routing.py "how do I keep bread from drying out?"

Training is a pipeline of steps that are kept: the second time it is all hits. A request is a chain of steps that are only
traced, which costs some microseconds each: `steppe runs` shows them. No network is used.
"""

import sys

from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import Normalizer

import steppe

KITCHEN = [
    "Bread stays fresh for longer in a cloth bag inside a box: the crust keeps its crunch and the crumb its water.",
    "Knead the dough until it is smooth, let it rise in a warm place, and bake it on a hot stone.",
    "Onions brown slowly in butter; a pinch of sugar helps, a lid does not.",
    "Rice is cooked with twice its volume of water, and rests for ten minutes off the heat.",
    "A soup that is too salty is saved by a raw potato that boils in it for a while.",
    "Yeast dies above sixty degrees: the milk for the dough must be no more than warm.",
]
SKY = [
    "A comet is a ball of ice and dust; its tail points away from the sun.",
    "The moon shows us one side only, since it turns once for each time that it goes around the earth.",
    "Jupiter is the heaviest planet, and has more than ninety moons.",
    "Stars twinkle because the air bends their light; planets are discs, and shine steadily.",
    "An eclipse of the sun happens at new moon, when the moon's shadow meets the earth.",
    "A telescope with a wider mirror gathers more light and shows fainter stars.",
]


@steppe.step
def library(name: str) -> list:
    return {"kitchen": KITCHEN, "sky": SKY}[name]


@steppe.step
def train_router(kitchen: list, sky: list) -> Pipeline:
    router = make_pipeline(TfidfVectorizer(stop_words="english"), LogisticRegression(C=10))
    return router.fit(kitchen + sky, ["kitchen"] * len(kitchen) + ["sky"] * len(sky))


@steppe.step
def train_words(passages: list) -> Pipeline:
    """Find passages by their words."""
    return make_pipeline(TfidfVectorizer(stop_words="english")).fit(passages)


@steppe.step(seed=0)
def train_topics(passages: list, topics: int = 4) -> Pipeline:
    """Find passages by their topics: latent semantic analysis."""
    return make_pipeline(TfidfVectorizer(), TruncatedSVD(topics), Normalizer()).fit(passages)


@steppe.pipeline
def train() -> dict:
    kitchen, sky = library("kitchen"), library("sky")
    return {
        "router": train_router(kitchen, sky),
        "kitchen": (train_words(kitchen), kitchen),
        "sky": (train_topics(sky), sky),
    }


@steppe.step(cache=False)
def route(models: dict, question: str) -> str:
    return str(models["router"].predict([question])[0])


@steppe.step(cache=False)
def retrieve(models: dict, topic: str, question: str) -> str:
    model, passages = models[topic]
    scores = model.transform(passages) @ model.transform([question]).T
    return passages[int(scores.argmax())]


@steppe.step(cache=False)
def fill(topic: str, passage: str, question: str) -> str:
    return f"You ask about the {topic}: {question}\n{passage}"


@steppe.step(cache=False)
def speak(text: str):
    """Give the answer word by word, as a language model would."""
    for word in text.split(" "):
        yield word


@steppe.step(cache=False)
def answer(models: dict, question: str) -> str:
    topic = route(models, question)
    passage = retrieve(models, topic, question)
    return " ".join(speak(fill(topic, passage, question)))


if __name__ == "__main__":
    models = train()
    for question in sys.argv[1:] or ["how do I keep bread from drying out?", "why do stars twinkle?"]:
        print(answer(models, question), end="\n\n")
