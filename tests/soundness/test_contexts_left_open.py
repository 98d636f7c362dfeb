"""Contexts that a cell enters and leaves open, hooks of all modules, and transformers of code: they hold from then on."""

from __future__ import annotations

from tests.soundness.harness import hit, miss, table

FREE = ("torch", "fft", "joblib", "ctx", "ast", "T", "decimal", "np", "t", "C", "c")
S = "\n# %%\n%%step s\n"
ROWS = [
    miss(
        "torch's autocast",
        "import torch\nctx = torch.autocast('cpu', dtype=torch.bfloat16, enabled=False)\nctx.__enter__()"
        f"{S}x = str((torch.ones(2, 2) @ torch.ones(2, 2)).dtype)",
        ("enabled=False", "enabled=True"),
        free=FREE,
    ),
    miss(
        "joblib's settings",
        f"import joblib\nctx = joblib.parallel_config(n_jobs=1)\nctx.__enter__(){S}x = joblib.Parallel().n_jobs",
        ("n_jobs=1", "n_jobs=2"),
        free=FREE,
    ),
    miss(
        "workers of a Fourier transform",
        f"import scipy.fft as fft\nctx = fft.set_workers(1)\nctx.__enter__(){S}x = fft.get_workers()",
        ("workers(1)", "workers(2)"),
        free=FREE,
    ),
    miss(
        "a hook of all of torch's modules",
        "import torch\nt = torch.nn.modules.module.register_module_forward_hook(lambda m, i, o: o + 1)"
        f"{S}x = torch.nn.Identity()(torch.ones(1)).item()",
        ("o + 1", "o + 2"),
        free=FREE,
    ),
    miss(
        "a transformer of code",
        "import ast\nclass T(ast.NodeTransformer):\n    def visit_Constant(self, n):\n        return ast.copy_location("
        "ast.Constant(n.value + 1), n) if n.value == 100 else n\nget_ipython().ast_transformers.append(T())"
        f"{S}x = 100",
        ("n.value + 1)", "n.value + 2)"),
        free=FREE,
    ),
    hit(
        "a class that passes a context on",
        "class C:\n    def __init__(self, o): self.o = o\n    def __enter__(self): return self.o.__enter__()\n"
        "    def __exit__(self, *a): return self.o.__exit__(*a)\n# %%\n%%step s\n"
        "import contextlib\nwith C(contextlib.nullcontext(5)) as x:\n    y = x",
        free=("contextlib", *FREE),
    ),
    hit(
        "a context that is left",
        "%%step s\nimport contextlib\nc = contextlib.nullcontext(5)\nx = c.__enter__()\nc.__exit__(None, None, None)",
        free=("contextlib", *FREE),
    ),
]
test_rows = table(ROWS)
