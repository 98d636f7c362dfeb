# %%
import random

import numpy as np

# %%
random.seed(3)
np.random.seed(4)

# %%
random.random(), np.random.rand(2)

# %%
random.choice("abcdef"), np.random.randint(0, 100, 3)

# %%
state = random.getstate()
random.random()

# %%
random.setstate(state)
random.random()

# %%
deck = list(range(8))
random.shuffle(deck)
deck

# %%
rng = np.random.default_rng(5)
rng.normal(size=2)

# %%
rng.integers(0, 10, 4)

# %%
twin = rng
twin.random()

# %%
rng.random(), rng.bit_generator.state["state"]["state"]

# %%
own = random.Random(6)
own.random()

# %%
own.random(), own.gauss(0, 1)

# %%
legacy = np.random.RandomState(7)
legacy.permutation(4)

# %%
legacy.permutation(4)

# %%
children = np.random.SeedSequence(8).spawn(2)
[np.random.default_rng(child).integers(100) for child in children]

# %%
np.random.shuffle(deck)
deck, np.random.get_state()[2]
