# %%

# %%
# only a comment

# %%
"""Only a docstring."""

# %%
pass

# %%
...

# %%
count = 0

# %%
count += 1

# %%
count += 1

# %%
count

# %%
text = """
%%step not_a_magic
%time neither
!echo nor this
"""
text

# %%
long = 1 + \
    2
long

# %%
if True:
    # %time inside = 3
    pass

# %%
x = 1; y = 2; x + y

# %%
x = 1; y = 2;  # fmt: skip

# %%
(
    x
    + y
)

# %%
lambda: x

# %%
x = x

# %%
x if y else None

# %%
def function():
    """Docstring."""


# %%
function.__doc__, function()

# %%
@print
class Decorated:
    pass

# %%
Decorated is None

# %%
print("the last")
