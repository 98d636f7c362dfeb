# %% [markdown]
# IPython's history: `_`, `__`, `Out`, `In` and their numbered forms.

# %%
1 + 1

# %%
_ * 10

# %%
_, __, Out[1]

# %%
total = Out[1] + _2

# %%
_ is Out[3], sorted(Out)

# %%
In[1], _i, _ii

# %%
len(In), _ih[2], _oh[1]

# %%
[1, 2, 3]

# %%
_.append(4)

# %%
Out[8], _8 is Out[8]

# %%
kept = _

# %%
Out[8].clear()
kept, _8
