# %%
from math import *
from os.path import *

# %%
sqrt(16), basename("a/b.txt"), pi

# %%
sum = 10
sum + 1

# %%
del sum
sum([1, 2])

# %%
e = "shadowed"

# %%
from math import e

e

# %%
import collections as c
import importlib
import xml.etree.ElementTree as tree

tree.tostring(tree.Element("a", b="1")), c.Counter("aab").most_common(1)


# %%
def inside():
    import json

    return json.dumps([1])


inside(), "json" in globals()

# %%
json = importlib.import_module("json")
json.loads("[2]")

# %%
import logging.handlers

logging.handlers.MemoryHandler.__name__

# %%
from __future__ import annotations


def annotated(value: Undefined) -> AlsoUndefined:
    return value


annotated.__annotations__

# %%
from string import *

capwords("some words"), ascii_lowercase[:3]
