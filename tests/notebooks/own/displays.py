# %%
from IPython.display import HTML, JSON, Image, Latex, Markdown, Math, SVG, DisplayHandle, display, update_display

# %%
display("text", 3, [1, 2])
"last"

# %%
display(HTML("<b>bold</b>"), Markdown("*it*"), Latex("$x$"), Math("x^2"))

# %%
handle = display("first", display_id="shown")

# %%
handle.update("second")

# %%
update_display("third", display_id="shown")

# %%
handle.display("again, under the same id")

# %%
handle.update("both change")

# %%
other = DisplayHandle()
other.display({"text/plain": "raw"}, raw=True)

# %%
other.update({"text/plain": "raw, updated", "text/html": "<i>raw</i>"}, raw=True)

# %%
display(JSON({"a": [1, 2]}), metadata={"expanded": True})

# %%
SVG('<svg xmlns="http://www.w3.org/2000/svg" width="5" height="5"><circle r="2"/></svg>')

# %%
for number in range(3):
    print(number)
    display(number)
