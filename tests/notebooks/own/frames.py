# %%
import numpy as np
import pandas as pd

df = pd.DataFrame({"name": ["a", "b", "c"], "value": [1.0, 2.5, np.nan], "count": [3, 4, 5]})
df

# %%
alias = df
alias["double"] = alias["count"] * 2

# %%
df

# %%
df.loc[1, "value"] = -1
df.insert(0, "id", range(3))

# %%
alias.columns.tolist(), alias is df

# %%
df.rename(columns={"count": "n"}, inplace=True)
df.drop(columns="double", inplace=True)

# %%
df.dtypes

# %%
column = df["value"]
column.iloc[0] = 99
df["value"].iloc[0], column.iloc[0]

# %%
df.index = pd.Index(["x", "y", "z"], name="key")
df.at["y", "name"] = "changed"

# %%
df.T

# %%
df["kind"] = pd.Categorical(["lo", "hi", "lo"], categories=["lo", "hi"], ordered=True)
df["when"] = pd.date_range("2024-03-30", periods=3, freq="D", tz="Europe/Berlin")
df.attrs["source"] = "made here"

# %%
df.groupby("kind", observed=True)["n"].sum()

# %%
grouped = df.groupby("name")

# %%
grouped["n"].mean()

# %%
wide = df.set_index(["name", "kind"])[["n"]].unstack()
wide

# %%
df.describe()

# %%
df.pop("when").dt.tz, df.attrs

# %%
series = pd.Series([1, 2, 3], index=list("abc"), name="s")
series["b"] = 20
series

# %%
df.info()

# %%
df.sort_values("n", ascending=False, inplace=True, ignore_index=True)
alias
