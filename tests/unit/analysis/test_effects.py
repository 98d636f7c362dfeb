"""Whether a cell acts elsewhere, judged by its text and the published lists."""

from __future__ import annotations

import ast
import sys

import pytest

from steppe.analysis import published
from steppe.analysis.effects import Act, acts_elsewhere, ambient, effects_of, import_acts, loud_import
from steppe.analysis.names import names_of

MODULES = {
    "np": "numpy",
    "pd": "pandas",
    "plt": "matplotlib.pyplot",
    "mpl": "matplotlib",
    "sns": "seaborn",
    "os": "os",
    "sys": "sys",
    "random": "random",
    "warnings": "warnings",
    "logging": "logging",
    "decimal": "decimal",
    "locale": "locale",
    "shutil": "shutil",
    "time": "time",
    "gc": "gc",
    "json": "json",
    "torch": "torch",
    "sklearn": "sklearn",
    "set_config": "sklearn.set_config",
    "set_theme": "seaborn.set_theme",
    "pio": "plotly.io",
    "px": "plotly.express",
    "nx": "networkx",
    "lib": "somelib",
    "DataFrame": "pandas.DataFrame",
    "display": "IPython.display.display",
    "tqdm": "tqdm.tqdm",
    "alt": "altair",
    "wandb": "wandb",
    "joblib": "joblib",
}
CLASSES = {"Model"}


def effect(source: str):
    return acts_elsewhere(ast.parse(source), MODULES.get, CLASSES.__contains__)


SETUP = [
    "sns.set_theme()",
    "sns.set(style='white')",
    "set_theme()",
    "lib.configure(a=1)",
    "lib.config.set('a', 1)",
    "lib.init()",
    "lib.login(token)",
    "lib.register_codec(f)",
    "lib.enable_cache()",
    "lib.disable_x()",
    "lib.use_gpu()",
    "lib.setup_logging()",
    "lib.patch_all()",
    "lib.reset()",
    "lib.seed_everything(1)",
    "lib.something()",
    "lib.sub.something(x)",
    "_ = lib.configure()",
    "lib.X = 3",
    "lib.options['a'] = 1",
    "lib.sub.X += 1",
    "del lib.X",
    "setattr(lib, 'X', 1)",
    "setattr(lib.sub, name, 1)",
    "delattr(lib, 'X')",
    "DataFrame.method = f",
    "pd.DataFrame.method = f",
    "Model.method = f",
    "setattr(Model, 'method', f)",
    "Model.table['a'] = 1",
    "for lib.X in y: pass",
    "with a as lib.X: pass",
    "lib.X: int = 1",
    "lib.X, y = 1, 2",
    "plt.ion()",
    "plt.switch_backend('agg')",
    "mpl.use('agg')",
    "sys.setrecursionlimit(10_000)",
    "sys.stdout = f",
    "tqdm.pandas()",
    "alt.data_transformers.enable('x')",
    "run = wandb.init(project='p')",
    "pd.plotting.register_matplotlib_converters()",
    "from sklearn.experimental import enable_iterative_imputer\nx = 1",
    "import modin.pandas as mpd\nx = 1",
    "import cudf.pandas\ncudf.pandas.install()",
    "import lib2\nlib2.configure()",
    "import seaborn as s\ns.set_theme()",
    "from seaborn import set_theme as t\nt()",
    "def f():\n    sns.set_theme()\nf()",
    "class A:\n    def f(self):\n        lib.X = 1\nA().f()",
    "@g\ndef f():\n    lib.X = 1",
    "if x:\n    lib.configure()",
    "x = [1]\nlib.configure()\ny = 2",
    "lib.enable_registry().register(x)",
    "import importlib\nimportlib.reload(lib)",
    "import signal\nsignal.signal(a, b)",
    "import builtins\nbuiltins.x = 1",
    "import nest_asyncio\nnest_asyncio.apply()",
    "def f():\n    lib = 1\nf()\nlib.configure()",
]

AMBIENT = [
    ("random.seed(0)", "random"),
    ("x = random.random()", "random"),
    ("np.random.seed(0)", "numpy.random"),
    ("x = np.random.rand(3)", "numpy.random"),
    ("np.random.shuffle(x)", "numpy.random"),
    ("from numpy.random import rand\nx = rand(3)", "numpy.random"),
    ("pd.set_option('display.max_rows', 5)", "pandas"),
    ("pd.options.display.max_rows = 5", "pandas"),
    ("plt.rcParams['a'] = 1", "matplotlib"),
    ("plt.rcParams.update({'a': 1})", "matplotlib"),
    ("mpl.rcParams['a'] = 1", "matplotlib"),
    ("plt.style.use('ggplot')", "matplotlib"),
    ("plt.rc('font', size=3)", "matplotlib"),
    ("warnings.filterwarnings('ignore')", "warnings"),
    ("warnings.simplefilter('ignore')", "warnings"),
    ("os.environ['A'] = '1'", "environ"),
    ("os.environ.setdefault('A', '1')", "environ"),
    ("del os.environ['A']", "environ"),
    ("os.chdir('/')", "cwd"),
    ("np.set_printoptions(precision=3)", "numpy"),
    ("old = np.seterr(all='ignore')", "numpy"),
    ("locale.setlocale(locale.LC_ALL, '')", "locale"),
    ("decimal.getcontext().prec = 3", "decimal"),
    ("logging.basicConfig(level=1)", "logging"),
    ("logging.getLogger('a').setLevel(1)", "logging"),
    ("logging.getLogger().addHandler(h)", "logging"),
    ("set_config(display='text')", "sklearn"),
    ("torch.manual_seed(0)", "torch.random"),
    ("_ = torch.manual_seed(0)", "torch.random"),
    ("torch.set_default_dtype(torch.float64)", "torch"),
    ("torch.backends.cudnn.deterministic = True", "torch"),
    ("pio.templates.default = 'x'", "plotly"),
    ("pio.templates['x'] = t", "plotly"),
    ("sys.path.append('src')", "sys.path"),
    ("sys.path.insert(0, 'src')", "sys.path"),
    ("sys.path[:0] = ['src']", "sys.path"),
]

NONE = [
    "",
    "x = 1",
    "x = lib.load()",
    "x = lib.configure",
    "model.set_params(a=1)",
    "ax.set_title('a')",
    "df.reset_index()",
    "x.register(y)",
    "configure()",
    "f(x)",
    "plt.plot(x)",
    "plt.show()",
    "plt.title('a')",
    "plt.setp(x)",
    "plt.gca().set_title('a')",
    "fig, ax = plt.subplots()",
    "sns.heatmap(df)",
    "sns.lineplot(x=a).set_title('b')",
    "px.bar(df).show()",
    "import plotly.graph_objects as go\ngo.Figure(df)",
    "nx.draw(g)",
    "nx.set_node_attributes(g, v)",
    "display(df)",
    "time.sleep(1)",
    "gc.collect()",
    "warnings.warn('a')",
    "logging.info('a')",
    "logging.getLogger('a').info('b')",
    "os.makedirs('a', exist_ok=True)",
    "os.remove('a')",
    "shutil.copy('a', 'b')",
    "shutil.rmtree('a')",
    "json.dump(x, f)",
    "joblib.dump(m, 'a')",
    "torch.save(m, 'a')",
    "np.save('a', x)",
    "np.savetxt('a', x)",
    "np.testing.assert_allclose(a, b)",
    "np.fill_diagonal(x, 0)",
    "pd.DataFrame(x)",
    "rng = np.random.default_rng(0)",
    "x = np.random.default_rng(0).normal()",
    "np.random.default_rng(0).shuffle(x)",
    "x = os.environ['A']",
    "x = os.environ.get('A')",
    "x = plt.rcParams['a']",
    "x = sys.path[0]",
    "def f():\n    sns.set_theme()",
    "class A:\n    def f(self):\n        lib.X = 1",
    "def f():\n    lib.configure()\nx = 1",
    "x.y = 1",
    "obj.options['a'] = 1",
    "class Model: pass\nModel.method = f",
    "lib = 1\nlib.x = 2",
    "import numpy as np\nx = np.ones(3)",
    "from random import Random\nr = Random(0)",
    "with plt.style.context('a'): plt.plot(x)",
]


@pytest.mark.parametrize("source", SETUP)
def test_a_cell_that_configures_others_is_set_up(source):
    found = effect(source)
    assert found is not None
    assert found.act is Act.SETUP, found
    assert found.what
    assert found.lineno >= 1


@pytest.mark.parametrize(("source", "adapter"), AMBIENT, ids=[source for source, _ in AMBIENT])
def test_a_change_that_an_adapter_follows_is_ambient(source, adapter):
    found = effect(source)
    assert found is not None
    assert (found.act, found.adapter) == (Act.AMBIENT, adapter)


@pytest.mark.parametrize("source", NONE)
def test_a_cell_that_acts_on_its_own_names_and_files_does_not_act_elsewhere(source):
    assert effect(source) is None


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np",
        "import a, b\nfrom c import d",
        '"""Imports."""\nimport a\n',
        "from __future__ import annotations\nimport a",
        "try:\n    import a\nexcept ImportError:\n    a = None",
        "if True:\n    import a\nelse:\n    import b as a",
        "import a\npass",
    ],
)
def test_a_cell_of_imports_alone_is_told(source):
    found = effect(source)
    assert found is not None
    assert found.act is Act.IMPORTS


@pytest.mark.parametrize(
    "source", ["", "x = 1", "import a\nx = f()", "import a\nprint(a)", "pass", "try:\n    x = 1\nfinally:\n    pass"]
)
def test_a_cell_that_does_more_than_import_is_not(source):
    found = effect(source)
    assert found is None or found.act is not Act.IMPORTS


def test_the_strongest_effect_is_told_and_all_can_be_listed():
    source = "import numpy as np\nnp.random.seed(0)\nsns.set_theme()"
    assert effect(source).what == "sns.set_theme()"
    assert {found.act for found in effects_of(ast.parse(source), MODULES.get)} == {Act.AMBIENT, Act.SETUP}


def test_a_function_of_the_notebook_is_judged_by_its_body():
    tree = ast.parse("def f():\n    plt.rcParams['a'] = 1\n    sns.set_theme()")
    assert acts_elsewhere(tree.body[0], MODULES.get).what == "sns.set_theme()"
    assert acts_elsewhere(tree, MODULES.get) is None


def test_an_effect_quotes_the_code_and_its_line():
    found = effect("x = 1\nlib.options['a'] = 1")
    assert (found.what, found.path, found.lineno) == ("lib.options['a'] = …", "somelib.options", 2)
    assert effect("sns.set_theme(a=1)").what == "sns.set_theme(…)"


@pytest.mark.parametrize(
    ("module", "answer"),
    [
        ("numpy", False),
        ("numpy.linalg", False),
        ("os.path", False),
        ("json", False),
        ("sklearn.experimental.enable_halving_search_cv", True),
        ("sklearn.experimental", True),
        ("sklearn", False),
        ("modin.pandas", True),
        ("cudf.pandas", True),
        ("cudf", None),
        ("pandarallel", True),
        ("mylib", None),
        ("antigravity", True),
    ],
)
def test_imports_are_judged_by_the_lists(module, answer):
    assert import_acts(module) is answer


def test_the_first_loud_import_is_found():
    imports = names_of(ast.parse("import numpy\nfrom sklearn import experimental\nimport modin")).imports
    assert loud_import(imports).module == "sklearn"
    assert loud_import(names_of(ast.parse("from . import modin")).imports) is None


def test_the_lists_are_well_formed():
    for patterns in (published.AMBIENT, published.ACTING, published.HARMLESS, published.LOUD):
        for pattern in patterns:
            assert all(
                part.isidentifier() or part.rstrip("*").rstrip("_").isidentifier() or part == "*"
                for part in pattern.split(".")
            )
            assert "*" not in pattern[:-1]
    assert not published.QUIET & {pattern.removesuffix(".*") for pattern in published.LOUD}
    assert not set(published.AMBIENT) & published.ACTING
    assert {
        "numpy",
        "pandas",
        "scipy",
        "sklearn",
        "matplotlib",
        "seaborn",
        "torch",
        "plotly",
        "polars",
    } <= published.QUIET
    assert set(sys.stdlib_module_names) - published.QUIET <= {
        "antigravity",
        "this",
        "turtle",
        "idlelib",
        "rlcompleter",
        "readline",
    }


def test_what_only_reads_is_not_ambient():
    assert ambient("os.environ.get") == ""
    assert ambient("numpy.random.default_rng") == ""
    assert ambient("numpy.random.RandomState.rand") == ""
    assert ambient("numpy.random.rand") == "numpy.random"
    assert ambient("numpy.mean") == ""
