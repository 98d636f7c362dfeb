"""What pickling leaves behind does no harm: it crashes no collection, and keeps nothing alive."""

import gc
import weakref

import numpy as np
from value_notebook import Notebook

from steppe.values.picklers import Packer


def packer() -> Packer:
    book = Notebook()
    return Packer(book.walk(), {}, book.table)


def test_no_memoryview_is_in_the_buffer_of_an_array():
    # A memoryview crashes Python 3.11 where it is collected together with a buffer of pickle's that shows it.
    made = packer()
    made.pickled(np.zeros(1 << 17))
    (buffer,) = made.buffers
    assert not any(isinstance(each, memoryview) for each in gc.get_referents(buffer))


def test_what_was_pickled_lives_no_longer_than_before():
    made, held = packer(), {1}
    made.pickled([held])
    gone = weakref.ref(held)
    del held
    assert gone() is None
