"""How a stored value is shown to people: pages of a table, columns told in short, pictures, trees.

Nothing here loads a pickle or runs a value's code: open formats are read, and for the rest there is what was noted
about the value when it was kept (`values/views.py`). Bytes may be damaged, or made to do harm: what is read is bounded,
and what can't be read is an `Unreadable`. Who serves many should read in a process of its own, as the server extension
does.
"""
