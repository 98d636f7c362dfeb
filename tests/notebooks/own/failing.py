# %%
import sys
import traceback


def inner(value):
    return 1 / value


def outer(value):
    try:
        return inner(value)
    except ZeroDivisionError as error:
        raise ValueError("outer failed") from error


# %%
try:
    outer(0)
except ValueError as error:
    kept = error
    traceback.print_exc(file=sys.stdout)

# %%
kept, kept.__cause__, kept.__traceback__ is not None

# %%
print("".join(traceback.format_exception(kept)))

# %%
try:
    raise ExceptionGroup("several", [ValueError(1), TypeError("two")])
except* ValueError as group:
    print(group.exceptions)
except* TypeError as group:
    print(group.exceptions)

# %% tags=["raises-exception"]
outer(0)

# %%
sys.last_value, sys.last_type.__name__

# %% tags=["raises-exception"]
bound_before = 1
undefined_name
bound_after = 2

# %%
bound_before, "bound_after" in globals()

# %% tags=["raises-exception"]
numbers = [1, 2]
numbers.append(3)
numbers[10]

# %%
numbers

# %% tags=["raises-exception"]
return "no syntax"

# %% tags=["raises-exception"]
assert numbers == [], f"not empty: {numbers}"


# %%
class Refused(Exception):
    def __str__(self):
        return f"refused {self.args[0]}"


# %% tags=["raises-exception"]
print("before")
raise Refused("politely")

# %%
try:
    raise Refused("again")
except Refused as error:
    error.add_note("a note")
    print(error, error.__notes__)
    saved = error

# %%
isinstance(saved, Refused), sys.exc_info()

# %% tags=["raises-exception"]
raise SystemExit("left early")

# %%
"still here"

# %% tags=["raises-exception"]
raise KeyboardInterrupt
