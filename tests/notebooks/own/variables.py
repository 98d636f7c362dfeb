# %%
import os

# %%
# %env CORPUS_LEVEL=3

# %%
os.environ["CORPUS_LEVEL"]

# %%
# level = %env CORPUS_LEVEL
level

# %%
os.environ["CORPUS_NAME"] = "steppe"
os.environ.setdefault("CORPUS_LEVEL", "9")


# %%
def greeting():
    return f"hello {os.getenv('CORPUS_NAME', 'nobody')} {os.environ.get('CORPUS_LEVEL')}"


greeting()

# %%
os.environ.pop("CORPUS_NAME")

# %%
greeting()

# %%
# !echo $CORPUS_LEVEL

# %%
os.environ.update(CORPUS_NAME="again", CORPUS_LEVEL="4")
greeting()

# %%
del os.environ["CORPUS_LEVEL"]
"CORPUS_LEVEL" in os.environ
