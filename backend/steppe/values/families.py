"""Which module knows a type: families by dotted class name along the bases, then classes, modules, and the rest.

A family's module is imported when a value of it is first met, so that nobody pays for libraries that they don't use.
"""

from __future__ import annotations

import enum
import types
from importlib import import_module
from typing import Any

from steppe.values import code, plain, reduced
from steppe.values.walk import Encoder, Walk

FAMILIES = {
    "numpy.ndarray": "numpy_arrays:array",
    "numpy.void": "numpy_arrays:record",
    "numpy.generic": "numpy_arrays:scalar",
    "numpy.dtype": "numpy_arrays:dtype",
    "numpy.memmap": "numpy_arrays:mapped",
    "numpy.ufunc": "numpy_arrays:ufunc",
    "numpy.finfo": "numpy_arrays:limits",
    "pandas.DataFrame": "pandas_frames:frame",
    "pandas.core.frame.DataFrame": "pandas_frames:frame",
    "pandas.Series": "pandas_frames:series",
    "pandas.core.series.Series": "pandas_frames:series",
    "pandas.Index": "pandas_frames:index",
    "pandas.core.indexes.base.Index": "pandas_frames:index",
    "pandas.api.extensions.ExtensionArray": "pandas_frames:extension",
    "pandas.core.arrays.base.ExtensionArray": "pandas_frames:extension",
    "pandas.core.dtypes.dtypes.BaseMaskedDtype": "pandas_frames:masked_type",
    "pyarrow.lib.Table": "arrow_tables:table",
    "pyarrow.lib.RecordBatch": "arrow_tables:table",
    "pyarrow.lib.ChunkedArray": "arrow_tables:chunked",
    "pyarrow.lib.Array": "arrow_tables:array",
    "polars.dataframe.frame.DataFrame": "polars_frames:frame",
    "polars.series.series.Series": "polars_frames:series",
    "polars.lazyframe.frame.LazyFrame": "polars_frames:lazy",
    "torch.Tensor": "torch_tensors:tensor",
    "torch.storage.UntypedStorage": "torch_tensors:storage",
    "torch.dtype": "torch_tensors:constant",
    "torch.device": "torch_tensors:constant",
    "torch._C.Generator": "torch_tensors:generator",
    "xml.etree.ElementTree.Element": "element_trees:element",
    "plotly.basedatatypes.BaseFigure": "plotly_figures:figure",
    "logging.Logger": "loggers:logger",
    "steppe.functions.external.ExternalResource": "external_resources:resource",
    "steppe.functions.function.StepFunction": "step_functions:step",
    "sympy.vector.coordsysrect.CoordSys3D": "sympy_vectors:kept_by_sympy",
    "sympy.vector.scalar.BaseScalar": "sympy_vectors:kept_by_sympy",
    "sympy.vector.vector.BaseVector": "sympy_vectors:kept_by_sympy",
    "sympy.vector.dyadic.BaseDyadic": "sympy_vectors:kept_by_sympy",
    "matplotlib.artist.Artist": "matplotlib_figures:artist",
    "matplotlib.transforms.TransformNode": "matplotlib_figures:transform",
    "matplotlib.cbook.CallbackRegistry": "matplotlib_figures:callbacks",
}

IMMUTABLE = frozenset(
    {
        "datetime.date",
        "datetime.datetime",
        "datetime.time",
        "datetime.timedelta",
        "datetime.timezone",
        "decimal.Decimal",
        "fractions.Fraction",
        "ipaddress.IPv4Address",
        "ipaddress.IPv6Address",
        "pandas.NaT",
        "pandas.Interval",
        "pandas.Period",
        "pandas.Timedelta",
        "pandas.Timestamp",
        "pandas._libs.interval.Interval",
        "pandas._libs.missing.NAType",
        "pandas._libs.tslibs.nattype.NaTType",
        "pandas._libs.tslibs.period.Period",
        "pandas._libs.tslibs.timedeltas.Timedelta",
        "pandas._libs.tslibs.timestamps.Timestamp",
        "pandas.SparseDtype",
        "pandas.api.typing.NAType",
        "pandas.api.typing.NaTType",
        "pandas.core.dtypes.base.StorageExtensionDtype",
        "pandas.core.dtypes.dtypes.PandasExtensionDtype",
        "pandas.core.dtypes.dtypes.SparseDtype",
        "pandas._libs.tslibs.offsets.BaseOffset",
        "pathlib.PurePath",
        "pathlib.PurePosixPath",
        "pathlib.PureWindowsPath",
        "pathlib._local.PurePath",
        "pyarrow.lib.DataType",
        "re.Pattern",
        "torch.Size",
        "uuid.UUID",
        "zoneinfo.ZoneInfo",
    }
)
"""Classes whose instances can't change, so that it makes no difference whether two places hold one or two of them."""


def encoder(kind: type) -> tuple[Encoder, bool]:
    """Return how values of `kind` are written, and whether they are nodes."""
    if issubclass(kind, type):
        return code.put_class, False
    if issubclass(kind, types.ModuleType):
        return code.put_module, False
    if issubclass(kind, enum.Enum):
        return code.put_member, False
    for base in kind.__mro__:
        name = f"{base.__module__}.{base.__qualname__}"
        if name in FAMILIES:
            module, _, attribute = FAMILIES[name].partition(":")
            found: tuple[Encoder, bool] = getattr(import_module(f"steppe.values.{module}"), attribute)
            return found
        if name in IMMUTABLE:
            return reduced.put_object, False
    return reduced.put_object, True


def family(value: Any) -> str:
    """Return the name of the family module that knows a value, or an empty string."""
    return family_of(type(value))


def family_of(kind: type) -> str:
    """Return the name of the family module that knows values of a type, or an empty string."""
    for base in kind.__mro__:
        name = f"{base.__module__}.{base.__qualname__}"
        if name in FAMILIES:
            return FAMILIES[name].partition(":")[0]
    return ""


__all__ = ["FAMILIES", "IMMUTABLE", "Walk", "encoder", "family", "plain"]
