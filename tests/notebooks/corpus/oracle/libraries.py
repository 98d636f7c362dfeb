"""How libraries' values are read. A class is known by its name: nothing is imported that the notebook has not."""

from __future__ import annotations

import sys
from typing import Any

from .reader import Reader, ReadOne, class_name, mix


def read_array(reader: Reader, value: Any, place: str) -> str:
    numpy = sys.modules["numpy"]
    head = (
        "array",
        class_name(type(value)),
        dtype_name(value.dtype),
        value.shape,
        memory_order(value),
        value.flags.writeable,
    )
    if value.size:
        low, high = (
            numpy.lib.array_utils.byte_bounds(value) if hasattr(numpy.lib, "array_utils") else numpy.byte_bounds(value)
        )
        reader.memory.append((low, high, place))
    if class_name(type(value)).startswith("numpy.ma."):
        mask, data = numpy.ma.getmaskarray(value), numpy.ma.getdata(value)
        filling = reader.read(value.fill_value, place)
        return mix(*head, "mask", mask.tobytes(), numpy.where(mask, numpy.zeros_like(data), data).tobytes(), filling)
    if value.dtype.hasobject or value.dtype.kind == "T":
        return mix(*head, reader.items(numpy.asarray(value).ravel().tolist(), place))
    return mix(*head, numpy.asarray(value).tobytes())


def memory_order(value: Any) -> list[int]:
    """Return the axes from the slowest to the fastest: what sums and `order="K"` see; gaps do not count."""
    axes = [axis for axis in range(value.ndim) if value.shape[axis] > 1]
    return sorted(axes, key=lambda axis: -abs(value.strides[axis]))


def dtype_name(dtype: Any) -> str:
    return repr(dtype.descr) if dtype.names else repr(dtype)


def read_scalar(reader: Reader, value: Any, place: str) -> str:
    return mix("scalar", dtype_name(value.dtype), value.tobytes())


def read_bit_generator(reader: Reader, value: Any, place: str) -> str:
    return mix("bit generator", reader.read(dict(value.state), place))


def read_column(reader: Reader, values: Any, place: str) -> str:
    """Read a Series' or Index' values: bytes where they are plain, else one by one, missing ones as such."""
    pandas = sys.modules["pandas"]
    kind = str(values.dtype)
    if values.dtype.__class__.__module__.startswith("numpy") and values.dtype.kind in "biufcmM":
        return mix("column", kind, values.to_numpy().tobytes())
    head: tuple[Any, ...] = ("column", kind)
    if kind == "category":
        head = (*head, values.dtype.ordered, reader.read(list(values.dtype.categories), place))
    missing = pandas.isna(values)
    parts = [
        "missing" if gone else reader.read(part, f"{place}[{row}]")
        for row, (part, gone) in enumerate(zip(values.astype(object), missing, strict=True))
    ]
    return mix(*head, parts)


def read_index(reader: Reader, value: Any, place: str) -> str:
    if value.nlevels > 1:
        levels = [read_index(reader, value.get_level_values(number), place) for number in range(value.nlevels)]
        return mix("index", class_name(type(value)), levels, reader.read(list(value.names), place))
    frequency = str(getattr(value, "freqstr", ""))
    return mix(
        "index", class_name(type(value)), frequency, reader.read(value.name, place), read_column(reader, value, place)
    )


def read_series(reader: Reader, value: Any, place: str) -> str:
    head = ("series", class_name(type(value)), reader.read(value.name, place), reader.read(dict(value.attrs), place))
    return mix(*head, read_index(reader, value.index, place), read_column(reader, value, place))


def read_frame(reader: Reader, value: Any, place: str) -> str:
    head = (
        "frame",
        class_name(type(value)),
        reader.read(dict(value.attrs), place),
        read_index(reader, value.columns, place),
    )
    columns = [read_column(reader, value.iloc[:, number], f"{place}[{number}]") for number in range(value.shape[1])]
    return mix(*head, read_index(reader, value.index, place), columns)


def read_tensor(reader: Reader, value: Any, place: str) -> str:
    plain = value.detach().cpu().resolve_conj().contiguous()
    return mix(
        "tensor", str(value.dtype), tuple(value.shape), str(value.device), value.requires_grad, repr(plain.tolist())
    )


def read_graph(reader: Reader, value: Any, place: str) -> str:
    edges = value.edges(keys=True, data=True) if value.is_multigraph() else value.edges(data=True)
    nodes = [reader.read(part, f"{place}.nodes[{number}]") for number, part in enumerate(value.nodes(data=True))]
    links = [reader.read(part, f"{place}.edges[{number}]") for number, part in enumerate(edges)]
    return mix("graph", class_name(type(value)), reader.read(value.graph, f"{place}.graph"), nodes, links)


def read_expression(reader: Reader, value: Any, place: str) -> str:
    return mix("expression", class_name(type(value)), sys.modules["sympy"].srepr(value))


def read_polars(reader: Reader, value: Any, place: str) -> str:
    rows = value.to_dict(as_series=False) if hasattr(value, "to_dict") else {value.name: value.to_list()}
    return mix(
        "polars",
        class_name(type(value)),
        str(getattr(value, "schema", value.dtype if hasattr(value, "dtype") else "")),
        reader.read(rows, place),
    )


def read_image(reader: Reader, value: Any, place: str) -> str:
    return mix("image", value.mode, value.size, value.tobytes())


def read_figure(reader: Reader, value: Any, place: str) -> str:
    """Read a Plotly figure by its JSON."""
    return mix("plotly", value.to_json())


def read_class_alone(reader: Reader, value: Any, place: str) -> str:
    return mix("class only", class_name(type(value)))


BY_NAME: dict[str, ReadOne] = {
    "numpy.ndarray": read_array,
    "numpy.generic": read_scalar,
    "numpy.dtype": lambda reader, value, place: mix("dtype", dtype_name(value)),
    "numpy.ufunc": lambda reader, value, place: mix("ufunc", value.__name__),
    "numpy.random.bit_generator.BitGenerator": read_bit_generator,
    "numpy.random._generator.Generator": lambda reader, value, place: read_bit_generator(
        reader, value.bit_generator, place
    ),
    "numpy.random.mtrand.RandomState": lambda reader, value, place: mix("state", reader.read(value.get_state(), place)),
    "pandas.DataFrame": read_frame,
    "pandas.core.frame.DataFrame": read_frame,
    "pandas.Series": read_series,
    "pandas.core.series.Series": read_series,
    "pandas.Index": read_index,
    "pandas.core.indexes.base.Index": read_index,
    "pandas._libs.tslibs.nattype.NaTType": lambda reader, value, place: mix("NaT"),
    "pandas._libs.missing.NAType": lambda reader, value, place: mix("NA"),
    "pandas._libs.tslibs.period.Period": lambda reader, value, place: mix("period", repr(value)),
    "pandas._libs.tslibs.offsets.BaseOffset": lambda reader, value, place: mix("offset", repr(value)),
    "torch.Tensor": read_tensor,
    "networkx.classes.graph.Graph": read_graph,
    "sympy.core.basic.Basic": read_expression,
    "sympy.matrices.matrixbase.MatrixBase": read_expression,
    "polars.dataframe.frame.DataFrame": read_polars,
    "polars.series.series.Series": read_polars,
    "PIL.Image.Image": read_image,
    "plotly.basedatatypes.BaseFigure": read_figure,
    "pandas.io.formats.style.Styler": read_class_alone,
    "pandas.core.groupby.groupby.BaseGroupBy": read_class_alone,
}
