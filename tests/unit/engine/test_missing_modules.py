"""Modules that are not here, and names that are none: what a bundle tells of packages is taken for the former alone."""

from steppe.engine.modules import Modules


def test_a_name_that_is_imported_of_a_package_is_no_missing_module():
    found = Modules().closure(["numpy", "numpy.array", "pandas.DataFrame", "no_such_module.part"])
    assert found.missing == {"no_such_module"}
