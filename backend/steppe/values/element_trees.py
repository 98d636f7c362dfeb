"""Elements of XML: what C keeps of one is not told alike before and after it was stored, so its parts are asked for."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from steppe.values.reduced import put_object
from steppe.values.walk import Encoder, Walk


def _put_element(walk: Walk, value: Element) -> None:
    """Write an element: its tag, its texts, its attributes, and those in it."""
    if type(value) is not Element:
        put_object(walk, value)
        return
    walk.out += b"E"
    walk.root.made[id(value)] = len(walk.out)
    for item in (value.tag, value.text, value.tail, value.attrib):
        walk.put(item)
    walk.put_items(list(value))


element: tuple[Encoder, bool] = (_put_element, True)

__all__ = ["element"]
