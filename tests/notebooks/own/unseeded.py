# %%
import random
import time
import uuid

import numpy as np

# %%
random.random()

# %%
np.random.rand()

# %%
drawn = np.random.default_rng().normal()

# %%
drawn

# %%
uuid.uuid4()

# %%
time.time()

# %%
object()

# %%
id(drawn) == id(drawn)
