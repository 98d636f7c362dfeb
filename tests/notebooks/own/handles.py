# %%
import io
import tempfile

log = open("log.txt", "w+")
log.write("one\n")

# %%
log.write("two\n")
log.tell()

# %%
log.seek(0)
log.readline()

# %%
log.read()

# %%
log.close()
log.closed

# %%
text = io.StringIO()
print("inside", file=text)

# %%
print("more", file=text)
text.getvalue()

# %%
raw = io.BytesIO(b"0123456789")
raw.read(3)

# %%
raw.read(3), raw.tell()

# %%
folder = tempfile.TemporaryDirectory(dir=".", prefix="held-")
handle = open(f"{folder.name}/part.bin", "wb")

# %%
handle.write(b"abc")
handle.close()

# %%
open(f"{folder.name}/part.bin", "rb").read()

# %%
folder.cleanup()
