# %%
import functools


def counter():
    count = 0

    def step(by=1):
        nonlocal count
        count += by
        return count

    def peek():
        return count

    return step, peek


step, peek = counter()

# %%
step(), step(5)

# %%
peek()

# %%
late = [lambda: number for number in range(3)]
early = [lambda number=number: number for number in range(3)]
[each() for each in late], [each() for each in early]

# %%
factor = 2


def scaled(value):
    return value * factor


scaled(10)

# %%
factor = 3
scaled(10)

# %%
triple = functools.partial(scaled)
factor = 5
triple(2)


# %%
@functools.lru_cache
def slow(n):
    print("computing", n)
    return n * n


slow(3), slow(3)

# %%
slow(3), slow(4), slow.cache_info().hits


# %%
def counted(function):
    @functools.wraps(function)
    def wrapper(*args):
        wrapper.calls += 1
        return function(*args)

    wrapper.calls = 0
    return wrapper


@counted
def hello(name):
    return f"hello {name}"


hello("a"), hello("b")

# %%
hello("c"), hello.calls, hello.__name__


# %%
def gather(item, seen=[]):
    seen.append(item)
    return seen


gather(1)

# %%
gather(2), gather.__defaults__

# %%
step()
peek()
