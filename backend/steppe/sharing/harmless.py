"""What of a result can be had from anybody: open formats, plain pictures and text. The rest may run code."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from steppe.sharing.paths import is_inside
from steppe.types import FileOutput, Part, Result, Shown

DATA = (
    *(".csv", ".tsv", ".parquet", ".arrow", ".feather", ".json", ".jsonl", ".npy", ".txt", ".safetensors", ".onnx"),
    *(".png", ".jpg", ".jpeg", ".svg", ".pdf", ".md", ".log"),
)
"""How the names of files end that no program takes for code."""

NAMES = {
    "numpy": {"dtype", "ndarray"},
    "numpy._core.multiarray": {"_reconstruct"},
    "numpy.core.multiarray": {"_reconstruct"},
    "numpy._core.numeric": {"_frombuffer"},
    "numpy.core.numeric": {"_frombuffer"},
    "pandas": {"CategoricalDtype", "DatetimeIndex", "Index", "MultiIndex", "RangeIndex", "StringDtype"},
    "pandas._libs.arrays": {"__pyx_unpickle_NDArrayBacked"},
    "pandas._libs.tslibs.offsets": {"Day"},
    "pandas.arrays": {"ArrowStringArray", "DatetimeArray"},
    "pandas.core.indexes.base": {"_new_Index", "Index"},
    "pandas.core.indexes.datetimes": {"_new_DatetimeIndex", "DatetimeIndex"},
    "pandas.core.indexes.range": {"RangeIndex"},
    "pandas.core.indexes.multi": {"MultiIndex"},
    "pandas.core.dtypes.dtypes": {"CategoricalDtype", "DatetimeTZDtype"},
    "pyarrow.lib": {"_restore_array", "type_for_alias", "py_buffer"},
}
"""What the labels of a frame, which Arrow has no form for, are made of: none of it runs anything."""

TEXTS = ("text/plain", "text/latex", "image/png", "image/jpeg", "application/vnd.plotly.v1+json", "application/json")
TAGS = frozenset(
    {
        *("a", "b", "br", "caption", "code", "col", "colgroup", "dd", "div", "dl", "dt", "em", "hr", "i", "li", "ol"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "p", "pre", "s", "small", "span", "strong", "style", "sub", "sup", "u"),
        *("table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    }
)
ATTRIBUTES = frozenset(
    {
        *("align", "border", "cellpadding", "cellspacing", "class", "colspan", "halign", "id", "rowspan"),
        *("scope", "scoped", "style", "valign"),
    }
)


def needs_trust(result: Result) -> list[str]:
    """Return why a result should only be taken from somebody who is trusted; nothing where anybody may give it."""
    found: dict[str, None] = {}
    if result.task:
        found["it holds a task, which may hold pickles"] = None
    for part in result.parts:
        found |= dict.fromkeys(_of_part(part))
    if set(result.ambient) - {"pyplot"} or result.module_state or result.random:
        found["it changes settings of libraries"] = None
    for file in result.files:
        found |= dict.fromkeys(_of_file(file))
    for shown in result.shown:
        found |= dict.fromkeys(_of_shown(shown))
    return list(found)


def _of_part(part: Part) -> Iterator[str]:
    if part.format == "arrow":
        labels = [part.meta.get("columns"), part.meta.get("index")]
        labels += [kind for _, kind in part.meta.get("blocks", ()) if not isinstance(kind, str)]
        if not all(isinstance(each, bytes) and is_plain_pickle(each) for each in labels):
            yield "the labels of a frame are pickled objects"
    elif part.format not in ("json", "npy", "onnx", "arrow-table", "tensor"):
        yield "it holds pickles"


def is_plain_pickle(data: bytes) -> bool:
    """Tell whether a pickle is made of the labels of frames alone. Nothing of it is loaded: stand-ins are."""
    import io

    try:
        _Looking(io.BytesIO(data)).load()
    except Exception:  # what is not understood is not plain
        return False
    return True


class _Anything:
    """Stands for whatever a name in a pickle stands for."""

    def __init__(self, *args: Any, **options: Any) -> None:
        pass

    def __call__(self, *_: Any, **__: Any) -> _Anything:
        return self

    def __setstate__(self, state: Any) -> None:
        pass

    def append(self, item: Any) -> None:
        pass

    def extend(self, items: Any) -> None:
        pass

    def __setitem__(self, key: Any, value: Any) -> None:
        pass


class _Looking(pickle._Unpickler):  # noqa: SLF001  (the one in Python: it can be followed)
    def find_class(self, module: str, name: str) -> Any:
        if name not in NAMES.get(module, ()):
            raise pickle.UnpicklingError(f"{module}.{name}")
        return _Anything

    def persistent_load(self, pid: Any) -> Any:  # noqa: ARG002
        raise pickle.UnpicklingError("it belongs to something else")


def _of_file(file: FileOutput) -> Iterator[str]:
    if not is_inside(file.path.rstrip("/")):
        yield f"it writes {file.path}, outside of the project or where tools look"
    elif file.blob is None or not file.path.lower().endswith(DATA) or file.mode & 0o111:
        yield f"it writes or removes {file.path}, which may be code"


def _of_shown(shown: Shown) -> Iterator[str]:
    for mime, data in shown.data.items():
        if mime in ("text/html", "text/markdown", "image/svg+xml"):
            if not is_plain_html(data if isinstance(data, str) else "".join(map(str, data))):
                yield "it shows a page that may run scripts"
        elif mime not in TEXTS:
            yield f"it shows {mime}"


def is_plain_html(text: str) -> bool:
    """Tell whether a page is text and tables alone: no scripts, no links, nothing that is fetched."""
    looking = _Page()
    try:
        looking.feed(text)
        looking.close()
    except Exception:  # as above
        return False
    return looking.plain


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.plain = True
        self._style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._style = tag == "style"
        if tag not in TAGS:
            self.plain = False
        for name, value in attrs:
            if name not in ATTRIBUTES or _fetches(value or ""):
                self.plain = False

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        self._style = False

    def handle_data(self, data: str) -> None:
        if self._style and (_fetches(data) or "<" in data):
            self.plain = False

    def handle_comment(self, data: str) -> None:  # noqa: ARG002
        self.plain = False

    def handle_decl(self, decl: str) -> None:  # noqa: ARG002
        self.plain = False

    def handle_pi(self, data: str) -> None:  # noqa: ARG002
        self.plain = False

    def unknown_decl(self, data: str) -> None:  # noqa: ARG002
        self.plain = False


def _fetches(text: str) -> bool:
    lower = text.lower()
    return any(word in lower for word in ("url(", "@import", "expression(", "javascript:", "\\"))
