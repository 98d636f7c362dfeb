# %%
import numpy as np

base = np.arange(12).reshape(3, 4)
row = base[1]
column = base[:, 2]
copy = base[[0, 2]]

# %%
row[0] = 100

# %%
base, column, copy

# %%
column += 1000

# %%
base[1, 2], row, np.shares_memory(base, row), np.shares_memory(base, copy)

# %%
turned = base.T
turned.flags.f_contiguous, turned.flags.c_contiguous, turned.base is not None

# %%
turned[0, 0] = -1
base[0, 0]

# %%
flat = base.ravel()
flat[:] = 7

# %%
base.sum(), row.sum(), copy.sum()

# %%
buffer = np.zeros(4)
np.add([1, 2, 3, 4], 1, out=buffer)

# %%
alias = np.asarray(buffer)
alias is buffer

# %%
alias[::2] *= -1
buffer

# %%
buffer.flags.writeable = False
try:
    buffer[0] = 1
except ValueError as error:
    print(error)

# %%
records = np.array([(1, 2.0), (3, 4.0)], dtype=[("a", "i4"), ("b", "f8")])
field = records["b"]
field[0] = 9.5

# %%
records, records.dtype.names

# %%
masked = np.ma.masked_array([1.0, 2.0, 3.0], mask=[False, True, False])
masked.mean(), masked

# %%
np.array([-0.0, np.nan, np.inf]), np.float32(1) / 3, np.int8(127)

# %%
things = np.array([[1, 2], "text", None], dtype=object)
things[0].append(3)

# %%
things
