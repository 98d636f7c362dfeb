# %%
import decimal
import locale
import sys

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

# %%
mpl.rcParams["figure.figsize"] = (2, 1)
plt.rc("lines", linewidth=4)

# %%
plt.plot([1, 2, 1])

# %%
plt.style.use("ggplot")

# %%
plt.plot([1, 2, 1])
mpl.rcParams["axes.facecolor"], mpl.rcParams["lines.linewidth"]

# %%
with plt.rc_context({"figure.facecolor": "yellow"}):
    plt.figure()
    plt.bar([1, 2], [3, 4])

# %%
plt.rcdefaults()

# %%
mpl.rcParams["lines.linewidth"]

# %%
np.set_printoptions(precision=2, suppress=True)

# %%
np.array([1.23456, 1e-9])

# %%
old = np.seterr(divide="ignore")

# %%
np.array([1.0]) / 0

# %%
np.seterr(**old)

# %%
pd.set_option("display.max_columns", 2)

# %%
pd.DataFrame([[1, 2, 3, 4]])

# %%
decimal.getcontext().prec = 5

# %%
decimal.Decimal(1) / 7

# %%
with decimal.localcontext(prec=3):
    inner = decimal.Decimal(1) / 7
inner, decimal.Decimal(2) / 7

# %%
locale.setlocale(locale.LC_NUMERIC, "C")
locale.localeconv()["decimal_point"]

# %%
sys.setrecursionlimit(2500)

# %%
sys.getrecursionlimit()

# %%
sys.path.append("made-up")

# %%
sys.path[-1], sys.path.pop()

# %%
# %precision 3

# %%
3.14159265

# %%
# %pprint
list(range(30))

# %%
# %config InteractiveShell.ast_node_interactivity = "all"

# %%
1
"both are shown"

# %%
# %config InteractiveShell.ast_node_interactivity = "last_expr"

# %%
1
"only this"
