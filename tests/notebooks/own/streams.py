# %%
import sys

# %%
print("no newline", end="")
print(" and on", end="", flush=True)
sys.stdout.write("!\n")

# %%
sys.stderr.write("a warning\n")

# %%
print("out 1")
print("out 2")
print("err 1", file=sys.stderr)

# %%
for number in range(5):
    print(f"\r{number * 25} %", end="")
print()

# %%
print("\x1b[31mred\x1b[0m \x1b[1;32mbold green\x1b[0m")

# %%
print("tab\tand\b backspace, ünïcödé, 漢字, 🐎, \u2028 line separator")

# %%
print(*range(2000), sep="\n")

# %%
print("x" * 20000)

# %%
sys.stdout.writelines(["a\n", "b\n"])
sys.stdout.flush()

# %%
print()
print("")

# %%
print("a string", "two", sep=" | ", file=sys.stdout)
sys.stdout.isatty(), sys.stdout.encoding
