# %%
import itertools


def numbers():
    print("begun")
    for number in range(5):
        got = yield number
        if got:
            print("got", got)


stream = numbers()

# %%
next(stream)

# %%
next(stream), stream.send("a message")

# %%
list(stream)

# %%
counter = itertools.count(10, 5)
next(counter)

# %%
next(counter), next(counter)

# %%
walker = iter([1, 2, 3, 4])
next(walker)

# %%
pairs = zip(walker, "ab")
list(pairs), next(walker, "done")

# %%
lazy = (n * n for n in range(6) if n % 2)
next(lazy)

# %%
sum(lazy), list(lazy)

# %%
first, second = itertools.tee(range(3))
list(first)

# %%
list(second)

# %%
mapped = map(str.upper, ["a", "b", "c"])
next(mapped)

# %%
"".join(mapped)
