# %%
import numpy as np
from sklearn import set_config
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

X, y = load_iris(return_X_y=True)
scaler = StandardScaler()
model = LogisticRegression(max_iter=500)
pipeline = make_pipeline(scaler, model)

# %%
pipeline.fit(X, y)

# %%
model.coef_.round(2), scaler.mean_, pipeline[0] is scaler

# %%
pipeline.score(X, y)

# %%
model.set_params(C=0.01)

# %%
pipeline.fit(X, y).score(X, y)

# %%
model.C, model.coef_.round(2)

# %%
online = SGDClassifier(random_state=0)
for part in np.array_split(np.arange(150), 3):
    online.partial_fit(X[part], y[part], classes=[0, 1, 2])
online.t_

# %%
online.partial_fit(X, y)
online.t_

# %%
set_config(display="text")

# %%
online

# %%
set_config(display="diagram", transform_output="pandas")

# %%
scaler.fit_transform(X)[:2]

# %%
set_config(transform_output="default")
predictions = online.predict(X)
(predictions == y).mean() > 0.5
