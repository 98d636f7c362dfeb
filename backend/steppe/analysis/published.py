"""The published lists by which a cell's syntax is judged: data alone, read by `effects.py` and `statements.py`.

A pattern is a dotted path from the module on, `numpy.random.seed`. `numpy.random.*` covers that path and everything
under it; `mlflow.log_*` covers all names that begin so.
"""

from __future__ import annotations

import sys
from itertools import chain


def _words(*lines: str) -> frozenset[str]:
    return frozenset(chain.from_iterable(line.split() for line in lines))


# 1. Calls and attributes that an adapter of ambient state follows: a cell that changes them can be cached with the
#    change as an output. Path to the adapter's name.

AMBIENT: dict[str, str] = {
    "random.*": "random",
    "numpy.random.*": "numpy.random",
    "numpy.set_printoptions": "numpy",
    "numpy.set_string_function": "numpy",
    "numpy.seterr": "numpy",
    "numpy.seterrcall": "numpy",
    "numpy.setbufsize": "numpy",
    "pandas.set_option": "pandas",
    "pandas.reset_option": "pandas",
    "pandas.options.*": "pandas",
    "pandas.core.config_init.*": "pandas",
    "matplotlib.rc": "matplotlib",
    "matplotlib.rcdefaults": "matplotlib",
    "matplotlib.rc_file": "matplotlib",
    "matplotlib.rc_file_defaults": "matplotlib",
    "matplotlib.rcParams.*": "matplotlib",
    "matplotlib.style.use": "matplotlib",
    "matplotlib.pyplot.rc": "matplotlib",
    "matplotlib.pyplot.rcdefaults": "matplotlib",
    "matplotlib.pyplot.rcParams.*": "matplotlib",
    "matplotlib.pyplot.style.use": "matplotlib",
    "matplotlib.pyplot.set_cmap": "matplotlib",
    "matplotlib.pyplot.xkcd": "matplotlib",
    "pylab.rcParams.*": "matplotlib",
    "warnings.filterwarnings": "warnings",
    "warnings.simplefilter": "warnings",
    "warnings.resetwarnings": "warnings",
    "warnings.filters.*": "warnings",
    "os.environ.*": "environ",
    "os.chdir": "cwd",
    "os.fchdir": "cwd",
    "locale.setlocale": "locale",
    "decimal.setcontext": "decimal",
    "decimal.getcontext.*": "decimal",
    "decimal.DefaultContext.*": "decimal",
    "logging.basicConfig": "logging",
    "logging.disable": "logging",
    "logging.captureWarnings": "logging",
    "logging.addLevelName": "logging",
    "logging.getLogger.*": "logging",
    "logging.root.*": "logging",
    "logging.config.*": "logging",
    "sklearn.set_config": "sklearn",
    "torch.manual_seed": "torch.random",
    "torch.seed": "torch.random",
    "torch.random.*": "torch.random",
    "torch.cuda.manual_seed": "torch.random",
    "torch.cuda.manual_seed_all": "torch.random",
    "torch.cuda.seed": "torch.random",
    "torch.cuda.set_rng_state": "torch.random",
    "torch.set_rng_state": "torch.random",
    "torch.rand": "torch.random",
    "torch.randn": "torch.random",
    "torch.randint": "torch.random",
    "torch.randperm": "torch.random",
    "torch.rand_like": "torch.random",
    "torch.randn_like": "torch.random",
    "torch.normal": "torch.random",
    "torch.bernoulli": "torch.random",
    "torch.multinomial": "torch.random",
    "torch.set_default_dtype": "torch",
    "torch.set_default_device": "torch",
    "torch.set_default_tensor_type": "torch",
    "torch.set_num_threads": "torch",
    "torch.set_printoptions": "torch",
    "torch.set_grad_enabled": "torch",
    "torch.set_float32_matmul_precision": "torch",
    "torch.use_deterministic_algorithms": "torch",
    "torch.backends.*": "torch",
    "plotly.io.templates.*": "plotly",
    "plotly.io.renderers.*": "plotly",
    "sys.path.*": "sys.path",
    "site.addsitedir": "sys.path",
}

NOT_AMBIENT = frozenset(
    {
        "random.Random",
        "random.SystemRandom",
        "random.getstate",
        "numpy.random.default_rng",
        "numpy.random.Generator",
        "numpy.random.RandomState",
        "numpy.random.SeedSequence",
        "numpy.random.BitGenerator",
        "numpy.random.PCG64",
        "numpy.random.PCG64DXSM",
        "numpy.random.MT19937",
        "numpy.random.Philox",
        "numpy.random.SFC64",
        "numpy.random.get_state",
        "torch.random.get_rng_state",
        "torch.random.initial_seed",
        "torch.random.fork_rng",
        "os.environ.get",
        "os.environ.copy",
        "os.environ.items",
        "os.environ.keys",
        "os.environ.values",
        "sys.path.copy",
        "sys.path.index",
        "sys.path.count",
        "pandas.options.context",
        "matplotlib.rcParams.copy",
        "matplotlib.rcParams.get",
        "matplotlib.rcParams.items",
        "matplotlib.rcParams.keys",
        "matplotlib.rcParams.find_all",
        "matplotlib.pyplot.rcParams.copy",
        "matplotlib.pyplot.rcParams.get",
        "matplotlib.pyplot.rcParams.items",
        "matplotlib.pyplot.rcParams.keys",
        "logging.getLogger.getChild",
        *(
            f"logging.getLogger.{level}"
            for level in ("debug", "info", "warning", "error", "critical", "exception", "log")
        ),
        *(f"logging.root.{level}" for level in ("debug", "info", "warning", "error", "critical", "exception", "log")),
    }
)
"""Parts of AMBIENT's patterns that change nothing global: they make or read."""

# 2. Calls that act elsewhere and that no adapter follows, which their last name would not tell. Wherever they stand.

ACTING = frozenset(
    {
        "matplotlib.use",
        "matplotlib.interactive",
        "matplotlib.set_loglevel",
        "matplotlib.pyplot.ion",
        "matplotlib.pyplot.ioff",
        "matplotlib.pyplot.switch_backend",
        "matplotlib.pyplot.set_loglevel",
        "matplotlib.pyplot.register_cmap",
        "matplotlib.pyplot.install_repl_displayhook",
        "matplotlib.pyplot.uninstall_repl_displayhook",
        "matplotlib.colormaps.register",
        "matplotlib.font_manager.fontManager.addfont",
        "seaborn.set",
        "seaborn.set_theme",
        "seaborn.set_style",
        "seaborn.set_context",
        "seaborn.set_palette",
        "seaborn.set_color_codes",
        "seaborn.reset_defaults",
        "seaborn.reset_orig",
        "pandas.plotting.register_matplotlib_converters",
        "pandas.plotting.deregister_matplotlib_converters",
        "pandas.api.extensions.*",
        "tqdm.tqdm.pandas",
        "tqdm.auto.tqdm.pandas",
        "tqdm.notebook.tqdm.pandas",
        "scipy.fft.set_global_backend",
        "scipy.fft.register_backend",
        "skimage.io.use_plugin",
        "cv2.setNumThreads",
        "cv2.setUseOptimized",
        "cv2.setRNGSeed",
        "numba.set_num_threads",
        "numexpr.set_num_threads",
        "polars.Config.*",
        "holoviews.extension",
        "panel.extension",
        "bokeh.io.output_notebook",
        "bokeh.plotting.output_notebook",
        "plotly.offline.init_notebook_mode",
        "altair.data_transformers.*",
        "altair.renderers.*",
        "altair.themes.*",
        "tensorflow.random.*",
        "tensorflow.config.*",
        "keras.utils.set_random_seed",
        "jax.config.*",
        "wandb.init",
        "wandb.login",
        "mlflow.set_tracking_uri",
        "mlflow.set_experiment",
        "mlflow.autolog",
        "mlflow.start_run",
        "mlflow.end_run",
        "ray.init",
        "ray.shutdown",
        "dotenv.load_dotenv",
        "nltk.download",
        "nest_asyncio.apply",
        "sys.setrecursionlimit",
        "sys.setswitchinterval",
        "sys.set_int_max_str_digits",
        "sys.settrace",
        "sys.setprofile",
        "sys.setdlopenflags",
        "sys.meta_path.*",
        "sys.path_hooks.*",
        "sys.modules.*",
        "signal.signal",
        "signal.alarm",
        "atexit.register",
        "atexit.unregister",
        "faulthandler.enable",
        "faulthandler.disable",
        "tracemalloc.start",
        "tracemalloc.stop",
        "gc.disable",
        "gc.enable",
        "gc.freeze",
        "gc.set_debug",
        "gc.set_threshold",
        "socket.setdefaulttimeout",
        "calendar.setfirstweekday",
        "csv.field_size_limit",
        "csv.register_dialect",
        "codecs.register",
        "codecs.register_error",
        "copyreg.pickle",
        "mimetypes.add_type",
        "mimetypes.init",
        "multiprocessing.set_start_method",
        "threading.setprofile",
        "threading.settrace",
        "threading.stack_size",
        "asyncio.set_event_loop",
        "asyncio.set_event_loop_policy",
        "importlib.reload",
        "importlib.invalidate_caches",
        "resource.setrlimit",
        "os.putenv",
        "os.unsetenv",
        "os.umask",
        "os.nice",
        "os.sched_setaffinity",
        "time.tzset",
        "linecache.clearcache",
        "sqlite3.register_adapter",
        "sqlite3.register_converter",
        "readline.*",
        "turtle.*",
        "unittest.mock.patch",
        "unittest.mock.patch.*",
    }
)

MUTATING = frozenset(
    {"append", "appendleft", "extend", "insert", "update", "setdefault", "clear", "remove", "discard", "pop", "popitem"}
)
"""Methods of collections whose bare call on an attribute of a module changes what that holds."""

# 3. Last names that say that a bare call of a module's function configures something. A trailing `*` covers a prefix.

VERBS = (
    "set",
    "set_*",
    "configure*",
    "config",
    "config_*",
    "init",
    "init_*",
    "initialize*",
    "register",
    "register_*",
    "unregister*",
    "enable*",
    "disable*",
    "use",
    "use_*",
    "install*",
    "uninstall*",
    "patch",
    "patch_*",
    "monkey_patch*",
    "monkeypatch*",
    "reset*",
    "activate*",
    "deactivate*",
    "login",
    "logout",
    "setup*",
    "basicConfig",
    "seed",
    "seed_*",
    "seed_everything",
    "autolog",
    "extension",
    "load_ext",
    "load_dotenv",
    "output_notebook",
    "apply_patch*",
    "hijack*",
)

# 4. Bare calls of third-party functions that act on their arguments, draw, show, or write files, and leave nothing
#    else behind. Drawing into pyplot's current figure is no setup: see the design.

HARMLESS = frozenset(
    {
        "steppe.log_metric",
        "steppe.stream",
        "matplotlib.pyplot.*",
        "pylab.*",
        "mpl_toolkits.*",
        "matplotlib.image.*",
        "seaborn.*",
        "pandas.plotting.*",
        "IPython.display.*",
        "IPython.core.display.*",
        "IPython.core.display_functions.*",
        "ipywidgets.*",
        "plotly.express.*",
        "plotly.figure_factory.*",
        "plotly.graph_objects.*",
        "plotly.graph_objs.*",
        "plotly.io.show",
        "plotly.io.write_html",
        "plotly.io.write_image",
        "plotly.io.write_json",
        "plotly.offline.iplot",
        "plotly.offline.plot",
        "bokeh.io.show",
        "bokeh.plotting.show",
        "bokeh.io.save",
        "networkx.*",
        "scienceplots.*",
        "torch.save",
        "torch.testing.*",
        "torch.nn.init.*",
        "torch.nn.utils.*",
        "torch.cuda.synchronize",
        "torch.cuda.empty_cache",
        "torch.cuda.reset_peak_memory_stats",
        "joblib.dump",
        "skops.io.dump",
        "cloudpickle.dump",
        "dill.dump",
        "yaml.dump",
        "yaml.safe_dump",
        "toml.dump",
        "h5py.*",
        "imageio.*",
        "cv2.imwrite",
        "cv2.imshow",
        "cv2.waitKey",
        "cv2.rectangle",
        "cv2.circle",
        "cv2.line",
        "cv2.putText",
        "cv2.fillPoly",
        "cv2.polylines",
        "cv2.drawContours",
        "soundfile.write",
        "rich.print",
        "rich.inspect",
        "tqdm.tqdm.write",
        "pprint.*",
        "tabulate.*",
        "shap.summary_plot",
        "shap.force_plot",
        "shap.dependence_plot",
        "shap.plots.*",
        "missingno.*",
        "pyarrow.parquet.write_table",
        "pyarrow.feather.write_feather",
        "steppe.*",
        "mlflow.log_*",
        "wandb.log",
        "pytest.*",
    }
)

PURE_PACKAGES = _words(
    "numpy scipy pandas polars sklearn statsmodels skimage PIL sympy patsy formulaic pyarrow imblearn xgboost lightgbm",
    "catboost numba lmfit mpmath shapely geopandas astropy Bio xarray netCDF4 zarr rasterio pooch more_itertools",
)
"""Packages whose functions, the lists above apart, act on their arguments and on files alone."""

# 5. Imports. Importing the packages of QUIET changes nothing outside them; those of LOUD change others' behaviour.

QUIET = (
    frozenset(sys.stdlib_module_names)
    - {"antigravity", "this", "turtle", "idlelib", "rlcompleter", "readline", "__main__"}
) | _words(
    "numpy scipy pandas polars sklearn matplotlib mpl_toolkits seaborn torch torchvision torchaudio plotly statsmodels",
    "networkx skimage PIL imageio sympy mpmath patsy formulaic pyarrow h5py duckdb joblib tqdm requests yaml tomli",
    "tabulate xarray dask numba cv2 xgboost lightgbm catboost imblearn lmfit shapely geopandas astropy transformers",
    "datasets tokenizers nltk spacy gensim bs4 lxml httpx sqlalchemy psycopg psycopg2 pydantic attr attrs msgspec",
    "pytz dateutil tzdata cycler kiwisolver contourpy threadpoolctl packaging typing_extensions IPython ipywidgets",
    "cloudpickle dill more_itertools toolz rich click psutil zarr fsspec s3fs openpyxl xlrd altair bokeh steppe",
)

LOUD = (
    "sklearn.experimental.*",
    "pandarallel.*",
    "cudf.pandas.*",
    "modin.*",
    "swifter.*",
    "pandas_profiling.*",
    "ydata_profiling.*",
    "janitor.*",
    "hvplot.*",
    "scienceplots.*",
    "turtle.*",
    "antigravity.*",
    "readline.*",
    "rlcompleter.*",
    "ipympl.*",
    "setuptools.*",
    "arviz.*",
    "pint_pandas.*",
    "rioxarray.*",
    "cf_xarray.*",
    "nc_time_axis.*",
    "metpy.*",
)
"""Modules whose import registers or patches something elsewhere: accessors, styles, estimators, hooks."""

# 6. Context managers, by the last name of what is called, that let every error in their body through.

NEVER_SWALLOW = _words(
    "open closing aclosing redirect_stdout redirect_stderr nullcontext chdir catch_warnings",  # contextlib, warnings
    "TemporaryDirectory NamedTemporaryFile TemporaryFile SpooledTemporaryFile",
    "ZipFile TarFile GzipFile BZ2File LZMAFile fdopen scandir urlopen connect mmap socket Popen",
    "Lock RLock Semaphore Condition ThreadPoolExecutor ProcessPoolExecutor Pool ThreadPool Manager",
    "TaskGroup timeout localcontext",
    "errstate printoptions",  # numpy
    "option_context ExcelWriter ExcelFile HDFStore",  # pandas
    "rc_context style_context axes_style plotting_context color_palette",  # matplotlib, seaborn
    "no_grad enable_grad inference_mode set_grad_enabled autocast device profile detect_anomaly",  # torch
    "parallel_backend parallel_config config_context threadpool_limits Parallel",  # joblib, sklearn
    "GradientTape strategy Session File StringCache Config",
    "tqdm trange Progress Live Status",
    "start_run Client LocalCluster Model capture_output",
    "StringIO BytesIO TextIOWrapper",
)

# 7. What changes nothing that it is given: for judging what a cell may change in place (`mutations.py`).

LOOKERS = _words(
    "len print type isinstance issubclass id hash repr str format",
    "bool int float complex bytes ascii ord chr hex oct bin",
    "callable hasattr range all any display",
)
"""Builtins whose value shares nothing with what they are given."""

DERIVERS = _words("abs round sum divmod pow")
"""Builtins that calculate: their value shares as much as that of an operator."""

CONTAINERS = _words(
    "list tuple set dict frozenset sorted reversed zip enumerate iter next min max getattr",
)
"""Builtins whose value may hold parts of what they are given."""

PURE_METHODS: dict[str, frozenset[str]] = {
    "list": _words("copy count index"),
    "dict": _words("copy get items keys values"),
    "set": _words("copy difference intersection isdisjoint issubset issuperset symmetric_difference union"),
    "ndarray": _words(
        "all any argmax argmin argpartition argsort astype choose clip compress conj copy cumprod cumsum diagonal dot",
        "flatten item max mean min nonzero prod ptp ravel repeat reshape round searchsorted squeeze std sum swapaxes",
        "take tobytes tolist trace transpose var view",
    ),
    "pandas": _words(
        "abs add all any astype between bfill clip copy corr corrwith count cov cummax cummin cumprod cumsum day_name",
        "describe diff div dot drop drop_duplicates dropna duplicated eq equals explode ffill fillna first floordiv ge",
        "get get_group groupby gt head hist idxmax idxmin info interpolate isin isna isnull items iterrows itertuples",
        "join keys kurt last le lt max mean median melt",
        "memory_usage merge min mod mode month_name mul ne nlargest notna",
        "notnull nsmallest nunique pct_change pivot pivot_table plot pow prod quantile query rank reindex rename",
        "replace resample reset_index rolling round sample select_dtypes sem set_axis set_index shift size skew",
        "sort_index sort_values std strftime sub sum swaplevel tail to_csv to_dict to_frame to_html to_json to_latex",
        "to_list to_markdown to_numpy to_parquet to_period to_records to_string to_timestamp tolist total_seconds",
        "transpose truediv tz_convert tz_localize unique unstack stack value_counts var xs ewm expanding",
        "contains endswith startswith lower upper strip split len cat extract extractall findall",
    ),
    "polars": _words(
        "alias cast clone collect columns count describe",
        "drop drop_nulls explode filter gather get_column glimpse group_by",
        "head height is_in is_null item join lazy len limit",
        "max mean median melt min n_unique null_count pivot quantile",
        "rename sample schema select slice sort std sum tail to_arrow to_dict to_dicts to_list to_numpy to_pandas",
        "transpose unique unnest unpivot value_counts var width with_columns write_csv write_parquet",
    ),
    "tensor": _words(
        "abs all any argmax argmin argsort chunk clone cos cpu",
        "cuda cumsum detach dim double eq exp expand flatten float",
        "ge gt half int item le log long lt matmul max mean median min mm mul ne norm numel numpy permute pow prod",
        "repeat reshape round shape sigmoid sin size softmax sort split sqrt squeeze std sub sum t tanh to tolist topk",
        "transpose type unbind unique unsqueeze var view",
    ),
}
"""Methods that leave their object as it was, by the family of its type."""

PURE_FUNCTIONS = _words(
    "numpy math statistics json.dumps copy scipy.stats scipy.special scipy.fft scipy.spatial.distance",
    "pandas matplotlib.pyplot seaborn plotly.express IPython.display pprint",
    "sklearn.metrics sklearn.model_selection.train_test_split",
)
"""Functions, and modules whose functions, leave what they are given as it was, unless told `out=` or `copy=False`."""

IMPURE_FUNCTIONS = frozenset(
    {
        "numpy.apply_along_axis",
        "numpy.apply_over_axes",
        "numpy.copyto",
        "numpy.fill_diagonal",
        "numpy.frompyfunc",
        "numpy.piecewise",
        "numpy.place",
        "numpy.put",
        "numpy.put_along_axis",
        "numpy.putmask",
        "numpy.random.shuffle",
        "numpy.vectorize",
        "pandas.eval",
        "statistics.NormalDist",
    }
)
"""Exceptions to PURE_FUNCTIONS: they write into an argument, or call what they are given."""

# Derived, for look-ups.

QUIET_STDLIB = frozenset(sys.stdlib_module_names) & QUIET
ACTING_SET = dict.fromkeys(ACTING, "acting")
HARMLESS_SET = dict.fromkeys(HARMLESS, "harmless")
LOUD_SET = dict.fromkeys(LOUD, "loud")
