# %%
import os
from pathlib import Path

start = Path.cwd()
Path("inner").mkdir()

# %%
# %cd inner

# %%
Path("here.txt").write_text("inner")
Path.cwd().name

# %%
# %pwd

# %%
# %cd -q ..

# %%
Path("inner/here.txt").read_text(), Path.cwd() == start

# %%
os.chdir("inner")

# %%
sorted(os.listdir("."))

# %%
# %pushd ..

# %%
# %popd

# %%
os.path.relpath(Path("here.txt").resolve(), start)

# %%
os.chdir(start)
