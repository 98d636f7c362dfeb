# %%
import time

# %%
# %time total = sum(range(1000))

# %%
# %%time
squares = [n * n for n in range(10)]
squares[-1]

# %%
total, squares

# %%
# %timeit -n 3 -r 2 sum(squares)

# %%
# %%timeit -n 2 -r 1 offset = 5
sum(squares) + offset

# %%
# best = %timeit -n 2 -r 1 -o -q sum(squares)
best.loops, best.repeat

# %%
"offset" in globals()
