# %%
import matplotlib.pyplot as plt
import numpy as np

# %%
plt.plot([1, 3, 2])

# %%
fig, ax = plt.subplots(figsize=(2, 2))
ax.plot([1, 2])

# %%
ax.set_title("later")
fig

# %%
plt.plot([3, 1])
plt.show()
print("after the first")
plt.plot([1, 3])
plt.show()

# %%
plt.figure(num="named")
plt.title("shown at the end")
print("before the figure")

# %%
plt.get_fignums()

# %%
lines = ax.plot([2, 1])
lines[0].set_color("red")
fig;  # fmt: skip

# %%
axes = plt.figure(figsize=(2, 1)).subplots(1, 2)
axes[0].imshow(np.eye(3))
plt.close()

# %%
axes[0].figure

# %%
# %config InlineBackend.figure_formats = ["svg"]

# %%
plt.plot([1, 2])

# %%
# %config InlineBackend.figure_formats = ["png"]

# %%
# %matplotlib inline

# %%
# %config InlineBackend.close_figures = False

# %%
plt.figure(figsize=(2, 1))
plt.plot([1, 2])

# %%
plt.plot([2, 1])

# %%
plt.gca().lines.__len__()

# %%
plt.close("all")
# %config InlineBackend.close_figures = True

# %%
fig.savefig("saved.png")

# %%
plt.imread("saved.png").shape, len(ax.lines)
