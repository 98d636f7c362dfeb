# %%
import warnings


def careful(level):
    warnings.warn(f"level {level}", UserWarning)
    return level


# %%
careful(1)

# %%
careful(1)
careful(2)

# %%
for number in (3, 3, 3):
    careful(number)

# %%
warnings.simplefilter("ignore")

# %%
careful(4)

# %%
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    careful(5)
    careful(5)
[str(each.message) for each in caught]

# %%
careful(6)

# %%
warnings.resetwarnings()
warnings.simplefilter("once")

# %%
careful(7)
careful(7)

# %%
warnings.filterwarnings("error", message="level 8")

# %%
try:
    careful(8)
except UserWarning as error:
    print("raised", error)

# %%
warnings.warn("old", DeprecationWarning)
