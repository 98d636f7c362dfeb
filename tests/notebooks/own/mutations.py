# %%
import bisect
import heapq
from collections import Counter, OrderedDict, defaultdict, deque

values = [5, 1, 4]
seen = set()
memo = {}


def remember(key):
    memo[key] = len(memo)
    seen.add(key)
    return memo[key]


# %%
remember("a"), remember("b")

# %%
memo, sorted(seen)

# %%
values.sort()
bisect.insort(values, 3)

# %%
values

# %%
heapq.heapify(values)
heapq.heappop(values), values

# %%
holder = ([1], [2])
holder[0].append(3)
holder

# %%
values += [9]
values *= 2
values

# %%
line = deque([1, 2, 3], maxlen=3)
line.append(4)
line.rotate(1)

# %%
line

# %%
groups = defaultdict(list)
groups["x"].append(1)
groups["missing"]

# %%
groups, groups.default_factory

# %%
counts = Counter("hello")
counts.update("low")
counts.subtract("o")

# %%
counts.most_common(2), counts["absent"]

# %%
ordered = OrderedDict(a=1, b=2)
ordered.move_to_end("a")

# %%
list(ordered), {**ordered, "c": 3}


# %%
class Account:
    history = []

    def __init__(self):
        self.balance = 0

    def pay(self, amount):
        self.balance += amount
        self.history.append(amount)
        return self


account = Account()

# %%
account.pay(3).pay(4).balance

# %%
Account().pay(1).history, account.history is Account.history

# %%
vars(account)["note"] = "added"
account.note

# %%
setattr(account, "balance", 100)
account.balance

# %%
data = bytearray(b"abc")
window = memoryview(data)
window[0] = ord("z")

# %%
data, bytes(window)

# %%
window.release()
data.extend(b"!")
data

# %%
nested = {"a": {"b": [1, {"c": 2}]}}
deep = nested["a"]["b"][1]
deep["c"] = "changed"

# %%
nested

# %%
swapped = {value: key for key, value in memo.items()}
memo.clear()
swapped, memo
