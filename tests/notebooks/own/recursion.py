# %%
import copy
import weakref


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def even(n):
    return n == 0 or odd(n - 1)


def odd(n):
    return n != 0 and even(n - 1)


fib(12), even(10)

# %%
even.calls = 3
even.calls


# %%
def fib(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


old_odd = odd
fib(30)


# %%
class Tree:
    def __init__(self, *children):
        self.children = list(children)
        self.parent = None
        for child in children:
            child.parent = weakref.ref(self)

    def depth(self):
        return 1 + max((child.depth() for child in self.children), default=0)


inner = Tree(Tree(), Tree(Tree()))
outer = Tree(inner)
outer.depth()

# %%
inner.parent() is outer

# %%
inner.children.append(Tree())
outer.depth(), len(outer.children[0].children)

# %%
twin = copy.deepcopy(outer.children[0].children)
len(twin), twin[0] is inner.children[0]

# %%
registry = weakref.WeakValueDictionary(first=outer)
"first" in registry

# %%
del outer
import gc

if gc.collect() < 0:  # how much is found depends on what else lives in the process
    raise AssertionError
"first" in registry, inner.parent is None

# %%
y = lambda f: (lambda x: x(x))(lambda x: f(lambda *a: x(x)(*a)))
y(lambda f: lambda n: 1 if n == 0 else n * f(n - 1))(6)
