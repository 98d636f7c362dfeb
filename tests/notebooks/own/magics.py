# %%
from IPython.core.magic import register_cell_magic, register_line_magic


@register_line_magic
def shout(line):
    print(line.upper())
    return len(line)


@register_cell_magic
def twice(line, cell):
    get_ipython().run_cell(cell)
    get_ipython().run_cell(cell)
    return line


# %%
# %shout hello

# %%
# length = %shout again
length

# %%
get_ipython().run_cell_magic("twice", "an argument", "print('inside')\nlength += 1")

# %%
length

# %%
get_ipython().run_cell_magic("html", "", "<b>by a magic</b>")

# %%
get_ipython().run_cell_magic("latex", "", "$x^2$")

# %%
# %%writefile helper.py
VALUE = 1


def value():
    return VALUE


# %%
import helper

helper.value()

# %%
# %%writefile helper.py
VALUE = 22


def value():
    return VALUE


# %%
helper.value()

# %%
import importlib

importlib.reload(helper)
helper.value()

# %%
# %%writefile script.py
made_by_script = 5
print("script ran", __name__)

# %%
# %run script.py

# %%
made_by_script

# %%
# %who_ls int

# %%
# %who

# %%
# %whos int

# %%
# %alias_magic again shout

# %%
# %again aliased

# %%
# %macro -q repeated 2

# %%
# %%python3
print("in another interpreter")

# %%
# %load_ext autoreload

# %%
# %autoreload 0

# %%
# %xmode Plain

# %%
get_ipython().getoutput("echo by the shell")
