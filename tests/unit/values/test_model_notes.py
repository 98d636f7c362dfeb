"""What is noted of models that have no open format, so that their pages can sum them up without loading them."""

from __future__ import annotations

import json

import onnx
import torch
from onnx import TensorProto, helper

from steppe.values.views import note_of


def noted(value):
    kind, text = note_of(value)
    assert kind == "model"
    found = json.loads(text)
    return found, dict(found["facts"])


def test_a_torch_module_is_told_by_its_layers_and_parameters():
    model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU(), torch.nn.Linear(3, 2, bias=False)).eval()
    model[0].requires_grad_(requires_grad=False)
    found, facts = noted(model)
    assert found["type"] == "torch.nn.modules.container.Sequential"
    assert (facts["parameters"], facts["trained"]) == ("21", "6")
    assert (facts["types"], facts["mode"]) == ("torch.float32", "evaluation")
    assert found["parts"] == [
        ["0", "torch.nn.modules.linear.Linear · 15 parameters"],
        ["1", "torch.nn.modules.activation.ReLU"],
        ["2", "torch.nn.modules.linear.Linear · 6 parameters"],
    ]


def test_an_onnx_model_is_told_by_its_inputs_outputs_and_nodes():
    rows, out = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 4]) for name in ("rows", "out"))
    nodes = [helper.make_node("Relu", ["rows"], ["kept"], name="first"), helper.make_node("Abs", ["kept"], ["out"])]
    model = helper.make_model(helper.make_graph(nodes, "small", [rows], [out]), producer_name="by hand")
    onnx.checker.check_model(model)
    found, facts = noted(model)
    assert found["type"].endswith("ModelProto")
    assert facts == {"producer": "by hand", "inputs": "rows", "outputs": "out", "nodes": "2"}
    assert found["parts"] == [["first", "Relu"], ["1", "Abs"]]
