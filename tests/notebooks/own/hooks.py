# %%
import builtins
import math
import sys

calls = []


def before(info):
    calls.append(info.raw_cell.strip().splitlines()[0])


get_ipython().events.register("pre_run_cell", before)

# %%
len(calls)

# %%
"seen"

# %%
get_ipython().events.unregister("pre_run_cell", before)
calls


# %%
def after(result):
    print("after:", result.result)


get_ipython().events.register("post_run_cell", after)

# %%
1 + 1

# %%
get_ipython().events.unregister("post_run_cell", after)

# %%
original = math.sqrt
math.sqrt = lambda value: "patched"

# %%
math.sqrt(4)

# %%
math.sqrt = original
math.sqrt(4)

# %%
real_print = print


def print(*args, **kwargs):
    real_print("[", *args, "]", **kwargs)


print("wrapped")

# %%
del print
print("plain")


# %%
def transform(lines):
    return [line.replace("PLUS", "+") for line in lines]


get_ipython().input_transformers_post.append(transform)

# %%
"1 PLUS 2"

# %%
get_ipython().input_transformers_post.remove(transform)

# %%
seen = []
sys.addaudithook(lambda event, args: seen.append(event) if event == "corpus.audit" else None)
sys.audit("corpus.audit")

# %%
sys.audit("corpus.audit")
seen
