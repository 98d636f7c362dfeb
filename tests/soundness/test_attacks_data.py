"""Further changes of data that look like none: views, extension types, sparse matrices, tensors, models, settings."""

from __future__ import annotations

from tests.soundness.harness import hit, miss, table

S = "\n# %%\n%%step s\n"
ALL = (
    "m",
    "np",
    "pd",
    "pl",
    "torch",
    "sp",
    "d",
    "e",
    "b",
    "pa",
    "h5py",
    "os",
    "sys",
    "datetime",
    "zoneinfo",
    "decimal",
    "r",
    "mod",
    "opt",
    "net",
    "nx",
    "tz",
    "fr",
)
NP, PD, PL, TO, SP = (
    "import numpy as np\n",
    "import pandas as pd\n",
    "import polars as pl\n",
    "import torch\n",
    "import scipy.sparse as sp\nimport numpy as np\n",
)


def data(name: str, before: str, read: str, edit: tuple[str, str], **more: object) -> object:
    """A row in which a plain cell makes other data."""
    return miss(name, f"{before}{S}{read}", edit, **{"free": ALL, **more})  # type: ignore[arg-type]


ARRAYS = [
    data(
        "a view with a negative stride",
        NP + "b = np.arange(4)\nd = b[::1]",
        "x = d.strides, d.tolist()",
        ("::1", "::-1"),
    ),
    data(
        "a view's base",
        NP + "b = np.arange(4)\nd = b[1:3]",
        "d[0] = 9\nx = b.tolist()",
        ("d = b[1:3]", "d = b[1:3].copy()"),
    ),
    data(
        "two overlapping views",
        NP + "b = np.zeros(4)\nd, e = b[:3], b[1:]",
        "d[:] = 1\nx = e.tolist()",
        ("b[1:]", "b[1:].copy()"),
    ),
    data(
        "a structured field's name",
        NP + "d = np.zeros(1, [('a', 'i4'), ('b', 'i4')])",
        "x = d.dtype.names",
        ("'b'", "'c'"),
    ),
    data(
        "a structured field's title and offset",
        NP + "d = np.zeros(1, {'names': ['a'], 'formats': ['i4'], 'itemsize': 8})",
        "x = d.dtype.itemsize",
        (": 8", ": 16"),
    ),
    data(
        "a record array's kind",
        NP + "d = np.zeros(1, [('a', 'i4')])",
        "x = type(d).__name__",
        ("'i4')])", "'i4')]).view(np.recarray)"),
    ),
    data(
        "a dtype's metadata",
        NP + "d = np.zeros(1, np.dtype('i4', metadata={'k': 1}))",
        "x = dict(d.dtype.metadata)",
        ("'k': 1", "'k': 2"),
    ),
    data(
        "a masked array's fill value",
        NP + "d = np.ma.array([1, 2], mask=[0, 1], fill_value=7)",
        "x = d.filled().tolist()",
        ("=7", "=8"),
    ),
    data(
        "a masked array's hidden data",
        NP + "d = np.ma.array([1, 2], mask=[0, 1])",
        "x = d.data.tolist()",
        ("[1, 2]", "[1, 3]"),
    ),
    data(
        "a masked array's hard mask",
        NP + "d = np.ma.array([1, 2], mask=[0, 1], hard_mask=False)",
        "d[1] = 5\nx = d.tolist()",
        ("hard_mask=False", "hard_mask=True"),
    ),
    data(
        "an array of objects that share",
        NP + "e = [1]\nd = np.array([None, None])\nd[0], d[1] = e, [1]",
        "d[0].append(2)\nx = d[1][:]",
        ("e, [1]", "e, e"),
    ),
    data(
        "a memory-mapped file",
        NP + "np.arange(3).tofile('f')\nd = np.memmap('f', 'i8')",
        "x = d.tolist()",
        ("arange(3)", "arange(1, 4)"),
    ),
    data(
        "a memory-mapped file changed on the disk",
        NP + "np.arange(3).tofile('f')\nd = np.memmap('f', 'i8', 'r+')\nopen('f', 'r+b').write(b'\\x05');",
        "x = d.tolist()",
        ("x05", "x06"),
    ),
    data(
        "a write flag",
        NP + "d = np.arange(3)\nd.flags.writeable = True",
        "try:\n    d[0] = 1\n    x = 1\nexcept ValueError:\n    x = 0",
        ("= True", "= False"),
    ),
    data(
        "a NaN's payload",
        NP + "d = np.array([0x7ff8000000000001], 'u8').view('f8')",
        "x = d.view('u8').tolist()",
        ("01]", "02]"),
    ),
    data(
        "an array's subclass's attribute",
        NP + "class A(np.ndarray): pass\nd = np.zeros(2).view(A)\nd.unit = 'm'",
        "x = d.unit",
        ("'m'", "'s'"),
        free=(*ALL, "A"),
    ),
    data("a string array's width", NP + "d = np.array(['a'], 'U3')", "x = d.dtype.str", ("U3", "U4")),
    data(
        "a variable-width string array",
        NP + "d = np.array(['a', 'b'], np.dtypes.StringDType())",
        "x = d.tolist()",
        ("'b'", "'c'"),
    ),
    data("a timedelta's unit", NP + "d = np.array([1], 'm8[s]')", "x = str(d[0])", ("m8[s]", "m8[ms]")),
    data(
        "a Generator's state in an input",
        NP + "d = np.random.default_rng(1)",
        "x = float(d.random())",
        ("rng(1)", "rng(2)"),
    ),
    data(
        "a Generator's position in an input",
        NP + "d = np.random.default_rng(1)\nd.random(3);",
        "x = float(d.random())",
        ("random(3)", "random(4)"),
    ),
    data(
        "a Generator's kind",
        NP + "d = np.random.Generator(np.random.PCG64(1))",
        "x = float(d.random())",
        ("PCG64(", "MT19937("),
    ),
    data(
        "a Generator shared by two inputs",
        NP + "d = np.random.default_rng(1)\ne = np.random.default_rng(1)",
        "d.random()\nx = float(e.random())",
        ("e = np.random.default_rng(1)", "e = d"),
    ),
    data(
        "a random.Random in a dict",
        "import random\nd = {'r': random.Random(1)}",
        "x = d['r'].random()",
        ("Random(1)", "Random(2)"),
        free=("d", "random"),
    ),
    data("a poly1d's variable", NP + "d = np.poly1d([1, 2], variable='x')", "x = d.variable", ("='x'", "='y'")),
    data("vectorize's function", NP + "d = np.vectorize(lambda a: a + 1)", "x = d([1]).tolist()", ("a + 1", "a + 2")),
    *(
        data(f"a sparse matrix: {name}", SP + f"d = {was}", read, (was, now))
        for name, was, now, read in [
            ("its format", "sp.csr_matrix(np.eye(2))", "sp.csc_matrix(np.eye(2))", "x = d.format"),
            (
                "array or matrix",
                "sp.csr_matrix(np.eye(2))",
                "sp.csr_array(np.eye(2))",
                "x = (d * d).sum(), type(d).__name__",
            ),
            (
                "a stored zero",
                "sp.csr_matrix(([1, 0], ([0, 1], [0, 1])))",
                "sp.csr_matrix(([1], ([0], [0])), shape=(2, 2))",
                "x = d.nnz",
            ),
            ("its shape", "sp.csr_matrix((2, 3))", "sp.csr_matrix((3, 2))", "x = d.shape"),
            (
                "duplicates",
                "sp.coo_matrix(([1, 1], ([0, 0], [0, 0])))",
                "sp.coo_matrix(([2], ([0], [0])))",
                "x = d.nnz",
            ),
            ("a dok", "sp.dok_matrix(np.eye(2))", "sp.dok_matrix(np.eye(2) * 2)", "x = d.sum()"),
            ("a lil", "sp.lil_matrix(np.eye(2))", "sp.lil_matrix(np.eye(2) * 2)", "x = d.sum()"),
            (
                "its index's dtype",
                "sp.csr_matrix(np.eye(2))",
                "sp.csr_array((np.ones(2), np.arange(2, dtype='i8'), np.arange(3, dtype='i8')))",
                "x = str(d.indices.dtype)",
            ),
        ]
    ),
]

FRAMES = [
    *(
        data(f"a frame: {name}", PD + f"d = {was}", read, (was, now))
        for name, was, now, read in [
            (
                "its attrs",
                "pd.DataFrame({'a': [1]}); d.attrs['k'] = 1",
                "pd.DataFrame({'a': [1]}); d.attrs['k'] = 2",
                "x = d.attrs['k']",
            ),
            (
                "its flags",
                "pd.DataFrame({'a': [1]}).set_flags(allows_duplicate_labels=True)",
                "pd.DataFrame({'a': [1]}).set_flags(allows_duplicate_labels=False)",
                "x = d.flags.allows_duplicate_labels",
            ),
            (
                "a MultiIndex's names",
                "pd.DataFrame({'a': [1]}, pd.MultiIndex.from_tuples([(1, 2)], names=['p', 'q']))",
                "pd.DataFrame({'a': [1]}, pd.MultiIndex.from_tuples([(1, 2)], names=['p', 'r']))",
                "x = list(d.index.names)",
            ),
            (
                "a MultiIndex's unused level",
                "pd.DataFrame({'a': [1, 2]}, pd.MultiIndex.from_product([[1, 2], [3]])).iloc[:1]",
                "pd.DataFrame({'a': [1]}, pd.MultiIndex.from_product([[1], [3]]))",
                "x = len(d.index.levels[0])",
            ),
            (
                "the columns' name",
                "pd.DataFrame({'a': [1]}).rename_axis(columns='p')",
                "pd.DataFrame({'a': [1]}).rename_axis(columns='q')",
                "x = d.columns.name",
            ),
            (
                "a sparse column",
                "pd.DataFrame({'a': pd.arrays.SparseArray([0, 1])})",
                "pd.DataFrame({'a': pd.arrays.SparseArray([0, 1], fill_value=1)})",
                "x = str(d.dtypes['a'])",
            ),
            (
                "an interval's side",
                "pd.DataFrame({'a': pd.arrays.IntervalArray.from_breaks([0, 1], closed='left')})",
                "pd.DataFrame({'a': pd.arrays.IntervalArray.from_breaks([0, 1], closed='right')})",
                "x = str(d.dtypes['a'])",
            ),
            (
                "a period's frequency",
                "pd.DataFrame({'a': pd.period_range('2020', periods=1, freq='M')})",
                "pd.DataFrame({'a': pd.period_range('2020', periods=1, freq='D')})",
                "x = str(d.dtypes['a'])",
            ),
            (
                "the frequency of its index",
                "pd.DataFrame({'a': [1, 2, 3]}, pd.date_range('2020', periods=3))",
                "pd.DataFrame({'a': [1, 2, 3]}, pd.DatetimeIndex(list(pd.date_range('2020', periods=3))))",
                "x = str(d.index.freq)",
            ),
            (
                "the unit of its times",
                "pd.DataFrame({'a': pd.to_datetime(['2020']).as_unit('s')})",
                "pd.DataFrame({'a': pd.to_datetime(['2020']).as_unit('ns')})",
                "x = str(d.dtypes['a'])",
            ),
            (
                "NA or NaN",
                "pd.DataFrame({'a': pd.array([1, None], 'Int64')})",
                "pd.DataFrame({'a': pd.array([1, 0], 'Int64')})",
                "x = d['a'].isna().tolist()",
            ),
            (
                "None or NaN in objects",
                "pd.DataFrame({'a': pd.Series(['q', None], dtype=object)})",
                "pd.DataFrame({'a': pd.Series(['q', float('nan')], dtype=object)})",
                "x = [v is None for v in d['a']]",
            ),
            (
                "pyarrow's dtype",
                "pd.DataFrame({'a': pd.array([1], 'Int64')})",
                "pd.DataFrame({'a': pd.array([1], 'int64[pyarrow]')})",
                "x = str(d.dtypes['a'])",
            ),
            (
                "a RangeIndex",
                "pd.DataFrame({'a': [1, 2]})",
                "pd.DataFrame({'a': [1, 2]}, index=pd.Index([0, 1]))",
                "x = type(d.index).__name__",
            ),
            (
                "labels that are alike",
                "pd.DataFrame([[1]], columns=[1])",
                "pd.DataFrame([[1]], columns=['1'])",
                "x = d.columns.tolist()",
            ),
            (
                "labels twice",
                "pd.DataFrame([[1, 2]], columns=['a', 'a'])",
                "pd.DataFrame([[2, 1]], columns=['a', 'a'])",
                "x = d.values.tolist()",
            ),
            (
                "a column of lists",
                "pd.DataFrame({'a': [[1], [2]]})",
                "pd.DataFrame({'a': [[1], [3]]})",
                "x = d['a'].tolist()",
            ),
            (
                "a text dtype",
                "pd.DataFrame({'a': pd.array(['q'], 'string[python]')})",
                "pd.DataFrame({'a': pd.array(['q'], dtype=object)})",
                "x = str(d.dtypes['a'])",
            ),
        ]
    ),
    data(
        "a frame's subclass's metadata",
        PD
        + "class F(pd.DataFrame):\n    _metadata = ['unit']\n    @property\n    def _constructor(self): return F\nd = F({'a': [1]})\nd.unit = 1",
        "x = d.unit",
        ("unit = 1", "unit = 2"),
        free=(*ALL, "F"),
    ),
    data(
        "an accessor registered",
        PD
        + "@pd.api.extensions.register_series_accessor('zz')\nclass Z:\n    def __init__(self, s): pass\n    n = 1\nd = pd.Series([1])",
        "x = d.zz.n",
        ("n = 1", "n = 2"),
        free=(*ALL, "Z"),
    ),
    data(
        "a groupby's keys",
        PD + "d = pd.DataFrame({'a': [1, 2], 'b': [1, 1]}).groupby('a')",
        "x = d.ngroups",
        ("'a')", "'b')"),
    ),
    data(
        "a group's frame changed",
        PD + "e = pd.DataFrame({'a': [1, 1], 'b': [1, 1]})\nd = e.groupby('a')",
        "x = int(d['b'].sum().iloc[0])",
        ("'b': [1, 1]", "'b': [1, 2]"),
    ),
    data(
        "a polars enum's categories",
        PL + "d = pl.Series(['q'], dtype=pl.Enum(['q', 'r']))",
        "x = d.dtype.categories.to_list()",
        ("'r'", "'s'"),
    ),
    data(
        "a polars column's dtype",
        PL + "d = pl.DataFrame({'a': [1]}, {'a': pl.Int8})",
        "x = str(d.schema)",
        ("Int8", "Int16"),
    ),
    data(
        "a polars frame's null",
        PL + "d = pl.DataFrame({'a': [1.0, None]})",
        "x = d['a'].is_null().to_list()",
        ("None", "float('nan')"),
    ),
    data(
        "a polars expression",
        PL + "e = pl.col('a') + 1",
        "x = pl.DataFrame({'a': [1]}).select(e)['a'].to_list()",
        ("+ 1", "+ 2"),
    ),
    data(
        "a polars lazy frame",
        PL + "d = pl.LazyFrame({'a': [1]}).with_columns(pl.col('a') + 1)",
        "x = d.collect()['a'].to_list()",
        ("+ 1", "+ 2"),
    ),
    data(
        "an arrow schema's metadata",
        "import pyarrow as pa\nd = pa.table({'a': [1]}).replace_schema_metadata({'k': '1'})",
        "x = d.schema.metadata[b'k']",
        ("'1'", "'2'"),
    ),
    data(
        "an arrow dictionary",
        "import pyarrow as pa\nd = pa.DictionaryArray.from_arrays([0], ['q', 'r'])",
        "x = d.dictionary.to_pylist()",
        ("'r'", "'s'"),
    ),
]

TENSORS = [
    data("requires_grad", TO + "d = torch.ones(1)", "x = d.requires_grad", ("ones(1)", "ones(1, requires_grad=True)")),
    data(
        "a tensor's gradient",
        TO + "d = torch.ones(1, requires_grad=True)\nd.grad = torch.ones(1)",
        "x = float(d.grad)",
        ("d.grad = torch.ones(1)", "d.grad = torch.zeros(1)"),
    ),
    data(
        "a tensor's strides",
        TO + "d = torch.arange(4).reshape(2, 2)",
        "x = d.stride(), d.tolist()",
        ("2, 2)", "2, 2).T"),
    ),
    data(
        "a shared storage", TO + "d = torch.zeros(2)\ne = d.clone()", "d[0] = 1\nx = e.tolist()", ("d.clone()", "d[:]")
    ),
    data(
        "a storage shared with numpy",
        TO + NP + "d = np.zeros(2)\ne = torch.from_numpy(d.copy())",
        "d[0] = 1\nx = e.tolist()",
        ("d.copy()", "d"),
    ),
    data(
        "a module's buffer",
        TO + "net = torch.nn.Linear(1, 1)\nnet.register_buffer('k', torch.ones(1))",
        "x = float(net.k)",
        ("ones(1))", "zeros(1))"),
    ),
    data(
        "a module's buffer that is not persistent",
        TO + "net = torch.nn.Linear(1, 1)\nnet.register_buffer('k', torch.ones(1), persistent=True)",
        "x = len(net.state_dict())",
        ("persistent=True", "persistent=False"),
    ),
    data("train and eval", TO + "net = torch.nn.Dropout()", "x = net.training", ("Dropout()", "Dropout().eval()")),
    data(
        "a forward hook",
        TO + "net = torch.nn.Identity()\nnet.register_forward_hook(lambda m, i, o: o + 1);",
        "x = float(net(torch.zeros(1)))",
        ("o + 1", "o + 2"),
    ),
    data(
        "a tied weight",
        TO
        + "net = torch.nn.ModuleList([torch.nn.Linear(1, 1, bias=False), torch.nn.Linear(1, 1, bias=False)])\nfor p in net.parameters(): torch.nn.init.ones_(p)\nnet[1].weight = torch.nn.Parameter(torch.ones(1, 1))",
        "with torch.no_grad(): net[0].weight += 1\nx = net[1].weight.item()",
        ("torch.nn.Parameter(torch.ones(1, 1))", "net[0].weight"),
        free=(*ALL, "p"),
    ),
    data(
        "an optimizer's state",
        TO
        + "r = torch.nn.Parameter(torch.ones(1))\nopt = torch.optim.SGD([r], lr=0.1, momentum=0.9)\nr.grad = torch.ones(1)\nopt.step()",
        "x = float(opt.state[r]['momentum_buffer'])",
        ("r.grad = torch.ones(1)", "r.grad = torch.zeros(1)"),
    ),
    data(
        "an optimizer's rate",
        TO + "r = torch.nn.Parameter(torch.ones(1))\nopt = torch.optim.SGD([r], lr=0.1)",
        "x = opt.param_groups[0]['lr']",
        ("=0.1", "=0.2"),
    ),
    data(
        "torch's default dtype",
        TO + "torch.set_default_dtype(torch.float32)",
        "x = str(torch.ones(1).dtype)",
        ("float32", "float64"),
    ),
    data(
        "torch's grad mode", TO + "torch.set_grad_enabled(True);", "x = torch.is_grad_enabled()", ("(True)", "(False)")
    ),
    data(
        "torch's deterministic mode",
        TO + "torch.use_deterministic_algorithms(True)",
        "x = torch.are_deterministic_algorithms_enabled()",
        ("(True)", "(False)"),
    ),
    data(
        "torch's print options",
        TO + "torch.set_printoptions(precision=3)",
        "x = str(torch.tensor([1 / 3]))",
        ("=3", "=5"),
    ),
    data(
        "a quantized or sparse tensor", TO + "d = torch.eye(2)", "x = str(d.layout)", ("eye(2)", "eye(2).to_sparse()")
    ),
    data("a bfloat", TO + "d = torch.ones(2, dtype=torch.float16)", "x = str(d.dtype)", ("float16", "bfloat16")),
    data(
        "a fitted model",
        "from sklearn.linear_model import Ridge\nmod = Ridge(alpha=1).fit([[0], [1]], [0, 1])",
        "x = mod.coef_.tolist()",
        ("[0, 1])", "[0, 2])"),
        free=(*ALL, "Ridge"),
    ),
    data(
        "a model's parameter set after it was fitted",
        "from sklearn.linear_model import Ridge\nmod = Ridge(alpha=1).fit([[0], [1]], [0, 1])\nmod.set_params(alpha=3);",
        "x = mod.alpha",
        ("alpha=3", "alpha=4"),
        free=(*ALL, "Ridge"),
    ),
    data(
        "a model's callable",
        "from sklearn.preprocessing import FunctionTransformer\nmod = FunctionTransformer(lambda v: v + 1)",
        "import numpy as np\nx = mod.transform(np.ones((1, 1))).tolist()",
        ("v + 1", "v + 2"),
        free=(*ALL, "FunctionTransformer"),
    ),
    data(
        "a graph's node's attribute",
        "import networkx as nx\nd = nx.path_graph(2)\nd.nodes[0]['k'] = 1",
        "x = d.nodes[0]['k']",
        ("= 1", "= 2"),
    ),
    data(
        "a graph's view",
        "import networkx as nx\ne = nx.path_graph(3)\nd = e.subgraph([0, 1])\ne.add_edge(0, 1, k=1)",
        "x = d.edges[0, 1]['k']",
        ("k=1", "k=2"),
    ),
]

OTHERS = [
    data(
        "a datetime's fold",
        "import datetime, zoneinfo\nd = datetime.datetime(2020, 10, 25, 2, 30, tzinfo=zoneinfo.ZoneInfo('Europe/Rome'), fold=0)",
        "x = d.utcoffset().total_seconds()",
        ("fold=0", "fold=1"),
    ),
    data(
        "a zone of one's own",
        "import datetime\nclass Z(datetime.tzinfo):\n    def utcoffset(self, d): return datetime.timedelta(hours=1)\nd = datetime.datetime(2020, 1, 1, tzinfo=Z())",
        "x = d.utcoffset().total_seconds()",
        ("hours=1", "hours=2"),
        free=(*ALL, "Z"),
    ),
    data(
        "a decimal's context as an input",
        "import decimal\nd = decimal.Context(prec=3)",
        "x = str(d.divide(1, 3))",
        ("=3", "=4"),
    ),
    data(
        "a decimal's rounding",
        "import decimal\ndecimal.getcontext().rounding = 'ROUND_UP'",
        "x = str(round(decimal.Decimal('1.25'), 1) + 0), str(decimal.Decimal(1) / 3)",
        ("ROUND_UP", "ROUND_DOWN"),
    ),
    data(
        "a decimal's traps",
        "import decimal\ndecimal.getcontext().traps[decimal.DivisionByZero] = True",
        "try: x = str(decimal.Decimal(1) / 0)\nexcept decimal.DivisionByZero: x = ''",
        ("= True", "= False"),
    ),
    data(
        "the recursion limit",
        "import sys\nsys.setrecursionlimit(3000)",
        "x = sys.getrecursionlimit()",
        ("3000", "4000"),
    ),
    data(
        "the switch interval", "import sys\nsys.setswitchinterval(0.5)", "x = sys.getswitchinterval()", ("0.5", "0.25")
    ),
    data(
        "numpy's error state", NP + "np.seterr(divide='ignore');", "x = np.geterr()['divide']", ("'ignore'", "'raise'")
    ),
    data("numpy's print options", NP + "np.set_printoptions(threshold=3)", "x = str(np.arange(9))", ("=3", "=30")),
    data(
        "the umask",
        "import os\nos.path.exists('f') and os.remove('f')\nos.umask(0o022);",
        "open('f', 'w').close()\nx = os.stat('f').st_mode & 0o777",
        ("0o022", "0o077"),
    ),
    data(
        "a warnings filter for a module",
        "import warnings\nwarnings.filterwarnings('ignore', module='zz')",
        "x = warnings.filters[0][0]",
        ("'ignore'", "'error'"),
        free=("warnings",),
    ),
    data("the path of the search", "import sys\nsys.argv = ['a', '1']", "x = sys.argv[1]", ("'1'", "'2'")),
    data(
        "argparse on argv",
        "import sys, argparse\nsys.argv = ['a', '--n', '1']",
        "q = argparse.ArgumentParser()\nq.add_argument('--n')\nx = q.parse_args().n",
        ("'1'", "'2'"),
        free=(*ALL, "q", "argparse"),
    ),
    data("sys.flags' kin: a trace of hooks", "import sys\nsys.zz = 1", "x = sys.zz", ("zz = 1", "zz = 2")),
    data(
        "a thread's effect",
        "import threading\nd = []\nr = threading.Thread(target=lambda: d.append(1))\nr.start(); r.join()\ndel r",
        "x = list(d)",
        ("append(1)", "append(2)"),
        free=(*ALL, "threading"),
    ),
    data(
        "logging's level",
        "import logging\nlogging.getLogger('zz').setLevel(10)",
        "x = logging.getLogger('zz').isEnabledFor(15)",
        ("(10)", "(20)"),
        free=("logging",),
    ),
    data(
        "a logger's handler",
        "import logging, io\nr = io.StringIO()\nd = logging.StreamHandler(r)\nd.setFormatter(logging.Formatter('1 %(message)s'))\nlogging.getLogger('zz').addHandler(d)",
        "logging.getLogger('zz').error('q')\nx = r.getvalue()",
        ("'1 %", "'2 %"),
        free=(*ALL, "logging", "io"),
    ),
    data(
        "locale in a number",
        "import locale\nlocale.setlocale(locale.LC_NUMERIC, 'C');",
        "x = locale.setlocale(locale.LC_NUMERIC)",
        ("'C'", "'C.UTF-8'"),
        free=("locale",),
    ),
    data(
        "gc's thresholds",
        "import gc\ngc.set_threshold(500, 5, 5)",
        "x = gc.get_threshold()",
        ("500", "600"),
        free=("gc",),
    ),
    data(
        "a variable that a process would see",
        "import os\nos.environ['ZZ'] = '1'",
        "import subprocess\nx = subprocess.run('echo $ZZ', shell=True, capture_output=True, text=True).stdout",
        ("'1'", "'2'"),
        free=(*ALL, "subprocess"),
    ),
    data(
        "sklearn's settings",
        "import sklearn\nsklearn.set_config(transform_output='default')",
        "x = sklearn.get_config()['transform_output']",
        ("'default'", "'pandas'"),
        free=("sklearn",),
    ),
    data(
        "polars' settings", PL + "pl.Config.set_tbl_rows(3);", "x = str(pl.DataFrame({'a': range(9)}))", ("(3)", "(5)")
    ),
    data(
        "matplotlib's registered colour map",
        "import matplotlib as fr\nfr.colormaps.register(fr.colors.ListedColormap(['red']), name='zz')",
        "x = fr.colormaps['zz'](0)",
        ("'red'", "'blue'"),
    ),
    data(
        "a json encoder's default",
        "import json\njson.JSONEncoder.default = lambda s, o: 1",
        "x = json.dumps({1j})",
        (": 1\n", ": 2\n"),
        free=("json",),
    ),
    data(
        "an IPython alias",
        "%alias zz echo 1",
        "x = [a[1] for a in get_ipython().alias_manager.aliases if a[0] == 'zz']",
        ("echo 1", "echo 2"),
    ),
    hit(
        "a frame that is copied, a tensor that is cloned",
        PD
        + TO
        + "d = pd.DataFrame({'a': [1]}).copy()\ne = torch.ones(2).clone()"
        + S
        + "x = d.sum().tolist(), e.tolist()",
        free=ALL,
    ),
]

test_arrays = table(ARRAYS)
test_frames = table(FRAMES)
test_tensors = table(TENSORS)
test_others = table(OTHERS)
