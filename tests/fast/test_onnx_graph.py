"""Graphs as we write them: ONNX's own checker accepts them, and they compute what they say."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from artgen.fast.onnx_graph import OPSET, Graph, run, runtime_version, session


def doubled_and_cut() -> Graph:
    """2 x + 1, without its last column."""
    graph = Graph()
    x = graph.input("x", (1, 1, 2, 3))
    twice = graph.node("Mul", x, graph.constant(np.array(2.0)))
    more = graph.node("Add", twice, graph.constant(np.array([1.0])))
    bounds = (graph.constant(np.array([at])) for at in (0, -1, 3))
    cut = graph.node("Slice", more, *bounds)
    graph.output(cut, (1, 1, 2, 2))
    return graph


def test_onnx_accepts_it() -> None:
    model = onnx.load_from_string(doubled_and_cut().dumps())
    onnx.checker.check_model(model, full_check=True)
    assert [one.version for one in model.opset_import] == [OPSET]
    assert [node.op_type for node in model.graph.node] == ["Mul", "Add", "Slice"]
    (given,) = model.graph.input
    assert [side.dim_value for side in given.type.tensor_type.shape.dim] == [1, 1, 2, 3]


def test_it_computes() -> None:
    x = np.arange(6, dtype=np.float32).reshape(1, 1, 2, 3)
    (made,) = run(session(doubled_and_cut(), threads=1), {"x": x})
    assert made.tolist() == [[[[1, 3], [7, 9]]]]


def test_attributes_of_every_kind() -> None:
    graph = Graph()
    x = graph.input("x", (1, 2, 4, 4))
    x = graph.node("LeakyRelu", x, alpha=0.25)
    x = graph.node("Pad", x, graph.constant(np.array([0, 0, 1, 1, 0, 0, 1, 1])), mode="edge")
    x = graph.node("MaxPool", x, kernel_shape=(2, 2), strides=(2, 2))
    graph.output(graph.node("Concat", x, x, axis=1), (1, 4, 3, 3))
    (made,) = run(session(graph, threads=1), {"x": np.full((1, 2, 4, 4), -4, np.float32)})
    assert made.shape == (1, 4, 3, 3)
    assert (made == -1).all()


@pytest.mark.parametrize("number", [0, 127, 128, 300, 2**31, -1])
def test_whole_numbers_of_any_length(number: int) -> None:
    graph = Graph()
    x = graph.input("x", (1,))
    graph.output(graph.node("Unsqueeze", x, graph.constant(np.array([0]))), (1, 1))
    constant = graph.constant(np.array([number]))
    model = onnx.load_from_string(graph.dumps())
    (found,) = (one for one in model.graph.initializer if one.name == constant)
    assert onnx.numpy_helper.to_array(found).tolist() == [number]


def test_the_runtime_has_a_version() -> None:
    assert runtime_version().count(".") >= 1
