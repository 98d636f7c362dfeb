# %%
import csv
import json
import os
import pickle
from pathlib import Path

import numpy as np

Path("notes.txt").write_text("one\n")

# %%
with open("notes.txt", "a") as file:
    file.write("two\n")

# %%
Path("notes.txt").read_text()

# %%
json.dump({"a": [1, 2]}, open("data.json", "w"))

# %%
json.load(open("data.json"))

# %%
os.makedirs("parts", exist_ok=True)
for number in range(3):
    Path("parts", f"{number}.txt").write_text(str(number * number))

# %%
sorted(path.name for path in Path("parts").glob("*.txt"))

# %%
Path("parts/1.txt").unlink()

# %%
sorted(os.listdir("parts")), os.path.exists("parts/1.txt")

# %%
np.save("array.npy", np.arange(4))
pickle.dump({1, 2}, open("set.pickle", "wb"))

# %%
mapped = np.load("array.npy", mmap_mode="r+")
mapped[0] = 50
mapped.flush()

# %%
np.load("array.npy"), pickle.load(open("set.pickle", "rb"))

# %%
with open("table.csv", "w", newline="") as file:
    csv.writer(file).writerows([["a", "b"], [1, 2]])

# %%
list(csv.DictReader(open("table.csv")))

# %%
os.rename("table.csv", "renamed.csv")

# %%
Path("renamed.csv").stat().st_size, Path("table.csv").exists()

# %%
Path("notes.txt").write_text("rewritten")

# %%
Path("notes.txt").read_text()

# %%
os.symlink("notes.txt", "link.txt")
os.chmod("notes.txt", 0o600)

# %%
Path("link.txt").read_text(), oct(os.stat("notes.txt").st_mode & 0o777)

# %%
os.truncate("notes.txt", 2)

# %%
Path("link.txt").read_text()
