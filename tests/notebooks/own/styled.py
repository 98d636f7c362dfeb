# %%
import pandas as pd

df = pd.DataFrame({"a": [1, 2, 3], "b": [0.1, 0.25, 0.5]})
styled = df.style.set_uuid("fixed").format({"b": "{:.0%}"})

# %%
styled

# %%
styled.highlight_max(color="lightgreen")

# %%
styled

# %%
df.style.set_caption("with an identifier of its own")

# %%
df.style.set_uuid("bars").bar(subset=["b"])

# %%
pd.set_option("display.precision", 1)
pd.options.display.max_rows = 2

# %%
df

# %%
with pd.option_context("display.max_rows", 10):
    display(df)

# %%
pd.reset_option("display.max_rows")
df

# %%
pd.set_option("display.html.border", 3)

# %%
df
