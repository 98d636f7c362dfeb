# %%
import sys

# %%
# %%capture kept
print("to stdout")
print("to stderr", file=sys.stderr)
display({"a": 1})
bound = 3

# %%
kept.stdout, kept.stderr, len(kept.outputs), bound

# %%
kept.show()

# %%
kept()

# %%
# %%capture --no-stderr quiet
print("hidden")
print("shown", file=sys.stderr)

# %%
quiet.stdout

# %%
from contextlib import redirect_stdout
from io import StringIO

buffer = StringIO()
with redirect_stdout(buffer):
    print("into the buffer")

# %%
from IPython.utils.capture import capture_output

with capture_output() as inner:
    print("inner")
    display("shown inside")
buffer.getvalue(), inner.stdout, inner.outputs

# %%
# %%capture
print("gone")
