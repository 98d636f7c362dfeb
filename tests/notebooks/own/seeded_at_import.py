# %%
import numpy as np

np.random.seed(4)
x = np.random.rand(3)

# %%
x, np.random.rand(2)

# %%
import random

random.seed(5)
y = random.random()

# %%
y, random.random(), np.random.randint(0, 100, 3)

# %%
deck = list(range(6))
np.random.shuffle(deck)
deck
