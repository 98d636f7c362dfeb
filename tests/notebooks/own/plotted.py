# %%
import plotly.graph_objects as go

figure = go.Figure(go.Scatter(x=[1, 2, 3], y=[3, 1, 2]))

# %%
figure

# %%
figure.update_layout(title="changed later")

# %%
figure.data[0].y = (1, 1, 1)
len(figure.data)

# %%
figure.to_dict()["layout"]["title"]

# %%
alias = figure
alias.add_bar(x=[1], y=[5])

# %%
len(figure.data), alias is figure

# %%
import plotly.io

plotly.io.templates.default = "plotly_dark"

# %%
go.Figure(layout={"height": 200}).layout.template.layout.paper_bgcolor
