"""What each ONNX operator means for the units of a network: one table from operator to rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from probatum.networks.tracing.onnx_layout import FIRST_INPUT, rearranged, resized
from probatum.networks.tracing.onnx_nodes import Node
from probatum.networks.tracing.onnx_scales import batch_norm, channel_norm, divided, last_axes_norm, multiplied
from probatum.networks.tracing.onnx_weights import convolution, dense, gathered, matrix_product, transposed_convolution
from probatum.networks.tracing.step import Array, Step

Rule = Callable[[Node], list[Step]]


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


POINTWISE = _names("""
    Abs Acos Acosh Add And Asin Asinh Atan Atanh BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Cast CastLike Ceil
    Celu Clip Cos Cosh Dropout Elu Equal Erf Exp Floor Gelu Greater GreaterOrEqual HardSigmoid HardSwish Hardmax
    Identity IsInf IsNaN LRN LeakyRelu Less LessOrEqual Log LogSoftmax LpNormalization Max Mean
    MeanVarianceNormalization Min Mish Mod Neg Not Or PRelu Pow Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh
    Softmax Softplus Softsign Sqrt Sub Sum Swish Tan Tanh ThresholdedRelu Trilu Xor
""")
FIRST_ONLY = frozenset(("QuantizeLinear", "DequantizeLinear"))  # their other inputs are scales of the number format
POOLS = _names("AveragePool GlobalAveragePool GlobalLpPool GlobalMaxPool LpPool MaxPool")
REDUCTIONS = _names("""
    ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare
""")
BEST_PLACES = frozenset(("ArgMax", "ArgMin"))
DATA_SIZED = _names("Compress NonMaxSuppression NonZero Unique")
CONTROL = _names("If Loop Scan SequenceMap")
RECURRENT = _names("GRU LSTM RNN")
RANDOM = _names("Bernoulli Multinomial RandomNormal RandomNormalLike RandomUniform RandomUniformLike")
# these have no rule, but may be computed where all inputs are constants
COMPUTED = _names("Constant ConstantOfShape CumSum EyeLike NonZero OneHot Range ScatterElements ScatterND TopK")
FOLDED = (
    POINTWISE | FIRST_ONLY | REDUCTIONS | BEST_PLACES | COMPUTED | frozenset(FIRST_INPUT)
    | frozenset(("Concat", "Div", "Gather", "Gemm", "MatMul", "Mul", "Where"))
)  # fmt: skip


def rule(node: Node) -> Rule:
    """Return the rule for the node's operator; `ProbatumError` says what to do where there is none."""
    name = node.operator
    if name in RULES:
        return RULES[name]
    if name in BY_SIZE or (name in COMPUTED and not node.values):
        return lambda _: []
    raise node.error(_advice(name))


def _advice(name: str) -> str:
    if name in CONTROL:
        return (
            "conditions and loops have no fixed set of operations; export the branch that you measure, or the "
            "body of the loop, as a model of its own"
        )
    if name in DATA_SIZED:
        return "its size depends on the data, so no fixed unit stands behind it; measure the parts before and after it"
    if name in RECURRENT:
        return "recurrent layers have no rule; measure the parts before and after it, or write out its dense layers"
    if name in RANDOM:
        return "it draws random numbers; export the model for inference"
    if "::" in name:
        return "it is no operator of ONNX itself; export the model without fused or custom operators"
    return "there is no rule for it; replace it by plainer operators, or measure the parts before and after it"


def _pointwise(node: Node) -> list[Step]:
    return [node.step("pointwise")]


def _first_only(node: Node) -> list[Step]:
    return [node.step("pointwise", inputs=node.values[:1])]


def _chosen(node: Node) -> list[Step]:
    """Where: what is chosen counts, not the condition."""
    choices = [name for name in (node.name(1), node.name(2)) if name in node.shapes]
    return [node.step("pointwise", inputs=choices or node.values)]


def _pool(node: Node) -> list[Step]:
    return [node.step("pool", inputs=node.values[:1])]


def _reduction(node: Node) -> list[Step]:
    axes: Any = node.attributes.get("axes")
    if axes is None and node.name(1):
        axes = node.needed(1, "the axes").reshape(-1).tolist()
    count = len(node.shapes[node.name(0)])
    if not axes and node.attributes.get("noop_with_empty_axes"):
        return [node.step("pointwise", inputs=[node.name(0)])]
    return [_reduced(node, [axis % count for axis in axes or range(count)])]


def _best_place(node: Node) -> list[Step]:
    return [_reduced(node, [node.attributes.get("axis", 0) % len(node.shapes[node.name(0)])])]


def _reduced(node: Node, axes: list[int]) -> Step:
    return node.step("reduce", inputs=[node.name(0)], attributes={"axes": tuple(axes)})


def _attention(node: Node) -> list[Step]:
    names = [node.name(position) for position in range(3)]
    if any(name not in node.shapes or len(node.shapes[name]) != 4 for name in names):
        raise node.error("only attention over (batch, heads, places, features) has a rule")
    return [node.step("attention", inputs=names)]


def _shape(node: Node) -> Array:
    sizes = np.array(node.shapes.get(node.name(0)) or node.constants[node.name(0)].shape, np.int64)
    start, end = node.attributes.get("start", 0), node.attributes.get("end")
    return sizes[start:end]


def _element_count(node: Node) -> Array:
    return np.array(np.prod(_shape(node)), np.int64)


BY_SIZE: dict[str, Callable[[Node], Array]] = {"Shape": _shape, "Size": _element_count}

RULES: dict[str, Rule] = {
    **dict.fromkeys(POINTWISE, _pointwise),
    **dict.fromkeys(FIRST_ONLY, _first_only),
    **dict.fromkeys(POOLS, _pool),
    **dict.fromkeys(REDUCTIONS, _reduction),
    **dict.fromkeys(BEST_PLACES, _best_place),
    **dict.fromkeys(FIRST_INPUT, rearranged),
    "Attention": _attention,
    "BatchNormalization": batch_norm,
    "Concat": rearranged,
    "Conv": convolution,
    "ConvTranspose": transposed_convolution,
    "Div": divided,
    "Gather": gathered,
    "Gemm": dense,
    "GroupNormalization": channel_norm,
    "InstanceNormalization": channel_norm,
    "LayerNormalization": last_axes_norm,
    "MatMul": matrix_product,
    "Mul": multiplied,
    "RMSNormalization": last_axes_norm,
    "Resize": resized,
    "Upsample": resized,
    "Where": _chosen,
}
