# %%
import contextlib
import contextvars
import itertools

current = contextvars.ContextVar("current", default="nothing")

# %%
token = current.set("something")

# %%
current.get()

# %%
context = contextvars.copy_context()
context.run(current.set, "inside")
current.get(), context[current]


# %%
@contextlib.contextmanager
def noted(name):
    print("enter", name)
    try:
        yield name.upper()
    finally:
        print("leave", name)


with noted("a") as upper:
    print(upper)

# %%
stack = contextlib.ExitStack()
stack.enter_context(noted("kept"))

# %%
print("between")

# %%
stack.close()

# %%
opened = noted("by hand")
opened.__enter__()

# %%
opened.__exit__(None, None, None)

# %%
groups = itertools.groupby("aabbc")
key, group = next(groups)
key, list(group)

# %%
[(key, len(list(group))) for key, group in groups]
