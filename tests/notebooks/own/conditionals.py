# %%
flag = True
if flag:
    chosen = "yes"
else:
    other = "no"

# %%
chosen, "other" in globals()

# %%
for index in range(3):
    if index == 1:
        found = index
        break
else:
    missing = True
index, found, "missing" in globals()

# %%
while (left := len(chosen)) > 2:
    chosen = chosen[:-1]
left, chosen

# %%
[last := n for n in range(4)], last

# %%
match {"kind": "point", "at": [1, 2, 3]}:
    case {"kind": str(kind), "at": [first, *rest]}:
        pass
kind, first, rest

# %%
a, (b, *c), d = 1, (2, 3, 4), 5
a, b, c, d

# %%
a = b = c
c.append("shared")
a, b

# %%
counter: int
counter: int = 3
counter += 1
counter

# %%
import contextlib

with contextlib.suppress(ZeroDivisionError):
    before = 1
    1 / 0
    after = 2
before, "after" in globals()

# %%
try:
    value = int("x")
except ValueError:
    value = -1
finally:
    settled = value
settled

# %%
x = 5
squares = [x for x in range(3)]
x, squares

# %%
if flag := not flag:
    x = "never"
x, flag

# %%
with open("text.txt", "w") as file, contextlib.nullcontext(3) as three:
    file.write("a")
file.closed, three

# %%
text = f"{x!r:>5}|{three=}|{'nested' if flag else 'plain'}"
text
