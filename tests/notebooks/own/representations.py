# %%
from IPython.display import HTML


class Shown:
    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return f"Shown({self.name})"

    def _repr_html_(self):
        return f"<b>{self.name}</b>"


class Bundle:
    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": "bundle", "application/x-corpus+json": {"n": 1}}, {"text/plain": {"m": 2}}


class Direct:
    def _ipython_display_(self):
        print("displayed by itself")
        display("and more")


class Broken:
    def __repr__(self):
        return "plain is fine"

    def _repr_html_(self):
        raise RuntimeError("no HTML")


shown = Shown("first")

# %%
shown

# %%
shown.name = "second"
shown, [shown]

# %%
display(shown)
Bundle()

# %%
Direct()

# %% tags=["raises-exception"]
Broken()

# %%
formatter = get_ipython().display_formatter.formatters["text/html"]
formatter.for_type(int, lambda value: f"<i>{value}</i>")

# %%
42

# %%
formatter.pop(int)

# %%
42


# %%
def pretty(value, printer, cycle):
    printer.text(f"<<{value.name}>>")


get_ipython().display_formatter.formatters["text/plain"].for_type(Shown, pretty)

# %%
shown, {"in": shown}

# %%
None

# %%
shown;  # fmt: skip

# %%
name = shown

# %%
"many"
"expressions"

# %%
print(shown), repr(shown)

# %%
HTML("<script>1</script>")
