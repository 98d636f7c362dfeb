# %%
import sys

from tqdm import tqdm

# %%
for _step in tqdm(range(3), file=sys.stdout, bar_format="{l_bar}{bar}| {n_fmt}/{total_fmt}", ncols=40):
    pass

# %%
bar = tqdm(total=4, file=sys.stdout, bar_format="{desc}{n_fmt}/{total_fmt}", ncols=40)
bar.update(1)

# %%
bar.update(2)
bar.set_description("later")

# %%
bar.close()
bar.n
