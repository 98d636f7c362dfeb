# %%
# !echo hello

# %%
word = "steppe"
# !echo {word} $word {word.upper()}

# %%
# lines = !printf 'one\ntwo\n'
lines, type(lines).__name__, lines.n

# %%
# !exit 3

# %%
_exit_code

# %%
# %%bash
# echo from bash
# echo to stderr >&2

# %%
# %%bash --out text
# echo kept

# %%
text

# %%
# found = %sx echo again
found.s

# %%
# %%writefile note.txt
# a line

# %%
# !cat note.txt

# %%
import subprocess

done = subprocess.run(["echo", "out of a process"], capture_output=True, text=True, check=True)
done.stdout, done.returncode
