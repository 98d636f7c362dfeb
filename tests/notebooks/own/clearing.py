# %%
from IPython.display import clear_output

# %%
print("gone")
clear_output()
print("stays")

# %%
for number in range(4):
    clear_output(wait=True)
    print(number)

# %%
print("stays, since nothing follows")
clear_output(wait=True)

# %%
display("one")
clear_output()
display("two")
"three"

# %%
print("kept")
