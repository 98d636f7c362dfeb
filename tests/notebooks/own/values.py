# %%
import datetime as dt
import fractions
import math
from zoneinfo import ZoneInfo

big = 7**200
big

# %%
-0.0, 0.0 == -0.0, math.copysign(1, -0.0)

# %%
missing = float("nan")
missing == missing, [missing] == [missing], missing is missing

# %%
[missing].index(missing)

# %%
True + True, isinstance(True, int), {1: "int", True: "bool", 1.0: "float"}

# %%
fractions.Fraction(1, 3) + 1, complex(1, -2) ** 2

# %%
when = dt.datetime(2024, 10, 27, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
when, when.replace(fold=1).utcoffset()

# %%
when - dt.timedelta(hours=5), dt.date(2024, 2, 29)

# %%
{3, 1, 2}, frozenset("abc") == frozenset("cba")

# %%
"a" * 3, b"\x00\xff", r"\n", "\N{SNOWMAN}", "\ud800".encode("utf-8", "surrogatepass")

# %%
lonely = "\ud800"

# %%
len(lonely), lonely == "\ud800"

# %%
range(3, 30, 7), slice(1, None, 2), ..., NotImplemented

# %%
mixed = {1: "a", "1": "b", (1, 2): "c", None: "d", 2.5: "e", b"k": "f"}
mixed

# %%
small, same = 256, 256
small is same, type(small)

# %%
text = "interned"
text is "".join(["inter", "ned"]), text == "".join(["inter", "ned"])

# %%
round(2.675, 2), 0.1 + 0.2, 1e300 * 1e10, 5e-324 / 2

# %%
first = second = 1000
first is second

# %%
int, len, type, math.pi, print
