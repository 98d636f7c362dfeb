import ast

import pytest

from steppe.engine.modules import optional_imports


@pytest.mark.parametrize(
    "code",
    [
        "try:\n    import torch.nn as nn\nexcept ImportError:\n    nn = None",
        "try:\n    from torch import nn\nexcept Exception:\n    nn = None",
        "with suppress(ImportError):\n    import torch",
        "def f():\n    try:\n        import torch\n    except ModuleNotFoundError:\n        return 0",
        "from importlib.util import find_spec\nif find_spec('torch'):\n    import torch",
        "import importlib\nhas = importlib.util.find_spec('torch') is not None",
        "try:\n    torch = importlib.import_module('torch')\nexcept ImportError:\n    torch = None",
    ],
)
def test_what_code_can_do_without(code):
    assert "torch" in optional_imports(ast.parse(code))


@pytest.mark.parametrize(
    "code", ["import torch", "def f():\n    import torch", "if big:\n    import torch", "x = 'torch'"]
)
def test_what_code_can_not_do_without(code):
    assert optional_imports(ast.parse(code)) == frozenset()
