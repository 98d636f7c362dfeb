# %%
total = 0


def add(amount):
    global total, last
    total += amount
    last = amount


add(3)

# %%
total, last

# %%
add(4)
total

# %%
globals()["made"] = total * 2

# %%
made

# %%
exec("by_exec = made + 1")
by_exec

# %%
eval("by_exec * 2"), eval("total", {"total": -1})

# %%
vars()["through_vars"] = 5
locals()["through_locals"] = 6
through_vars + through_locals

# %%
import __main__

__main__.from_module = 7
from_module

# %%
names = sorted(name for name in globals() if name.startswith(("through_", "by_", "made")))
names


# %%
def later():
    return not_yet


not_yet = "now it is"
later()

# %%
not_yet = "changed"
later()

# %%
import builtins

builtins.everywhere = "a builtin"

# %%
everywhere

# %%
del builtins.everywhere
"everywhere" in dir(builtins)

# %%
get_ipython().user_ns["by_shell"] = 8
by_shell

# %%
get_ipython().push({"pushed": 9})
pushed

# %%
get_ipython().run_cell("nested = pushed + 1\nnested")

# %%
nested
