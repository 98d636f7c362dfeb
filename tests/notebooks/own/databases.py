# %%
import sqlite3

import pandas as pd

db = sqlite3.connect(":memory:")
db.execute("create table t (a integer, b text)")

# %%
db.executemany("insert into t values (?, ?)", [(1, "x"), (2, "y")])

# %%
db.execute("select * from t").fetchall()

# %%
db.commit()
db.row_factory = sqlite3.Row

# %%
dict(db.execute("select count(*) as n from t").fetchone())

# %%
cursor = db.execute("select a from t order by a")
tuple(cursor.fetchone())

# %%
tuple(cursor.fetchone()), cursor.fetchone()

# %%
frame = pd.read_sql("select * from t", db)
frame

# %%
disk = sqlite3.connect("disk.db")
disk.execute("create table k (v)")
disk.execute("insert into k values (7)")

# %%
disk.in_transaction, sqlite3.connect("disk.db").execute("select count(*) from k").fetchone()

# %%
disk.commit()
disk.close()

# %%
sqlite3.connect("disk.db").execute("select v from k").fetchall()

# %%
db.rollback()
db.total_changes
