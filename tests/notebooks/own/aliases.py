# %%
a = [1, 2]
b = a
c = list(a)

# %%
b.append(3)

# %%
a, b is a, c

# %%
rows = [a] * 2
rows[0].append(4)
rows

# %%
table = {"x": a, "y": a, "z": c}
table["x"] is table["y"], table["x"] is a

# %%
table["y"].clear()

# %%
a, b, rows, table

# %%
loop = [1]
loop.append(loop)
loop[1] is loop

# %%
loop[1][1].append("end")
loop, len(loop)


# %%
class Node:
    def __init__(self, name, parent=None):
        self.name, self.parent, self.children = name, parent, []
        if parent:
            parent.children.append(self)


root = Node("root")
leaf = Node("leaf", root)

# %%
leaf.parent.name = "renamed"

# %%
root.name, root.children[0] is leaf, leaf.parent is root

# %%
shared = {"count": 0}
first, second = {"state": shared}, {"state": shared}

# %%
first["state"]["count"] += 1

# %%
second["state"], shared, first["state"] is second["state"]

# %%
a = a + [5]

# %%
a, b, a is b
