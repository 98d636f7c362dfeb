# %%
import networkx as nx

graph = nx.Graph(name="small")
graph.add_edge("a", "b", weight=2)
graph.add_node("lonely")

# %%
graph.nodes, graph.edges(data=True), graph.degree

# %%
nodes = graph.nodes
graph.add_edge("b", "c")

# %%
nodes, len(nodes)

# %%
part = graph.subgraph(["a", "b"])
graph["a"]["b"]["weight"] = 5

# %%
part.edges(data=True), part.size(weight="weight")

# %%
copy = graph.copy()
graph.remove_node("a")

# %%
list(copy), list(graph), list(part)

# %%
nx.shortest_path(copy, "a", "c")
