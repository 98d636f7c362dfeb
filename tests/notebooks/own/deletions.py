# %%
import types

x, y, z = 1, 2, 3
box = types.SimpleNamespace(a=1, b=2)

# %%
del x
"x" in globals()

# %%
try:
    x
except NameError as error:
    print(error)

# %%
"error" in globals()

# %%
for y in range(3):
    pass
y

# %%
del y, box.a
vars(box)

# %%
if z > 2:
    del z

# %%
try:
    z
except NameError:
    z = "bound again"
z

# %%
error = "mine"
try:
    1 / 0
except ZeroDivisionError as error:
    pass
"error" in globals()

# %%
numbers = list(range(6))
del numbers[::2], numbers[-1]
numbers

# %%
table = {"a": 1, "b": 2}
del table["a"]
table

# %%
keep = table
del table

# %%
keep

# %%
# %reset_selective -f ^keep$

# %%
"keep" in globals()
