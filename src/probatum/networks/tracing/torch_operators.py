"""What each torch operator means for the units of a network: one table from operator to rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from probatum.networks.tracing.step import Step
from probatum.networks.tracing.torch_calls import Call, names
from probatum.networks.tracing.torch_layout import LAYOUTS, gated, layout
from probatum.networks.tracing.torch_scales import batch_norm, channel_norm, divided, last_axes_norm, multiplied
from probatum.networks.tracing.torch_weights import addmm, attention, convolution, embedding, linear, matmul

Rule = Callable[[Call], list[Step]]

POINTWISE = names(
    """abs acos acosh add alias alpha_dropout asin asinh atan atan2 atanh bernoulli bitwise_and bitwise_not
    bitwise_or bitwise_xor ceil celu clamp clamp_max clamp_min clip clone contiguous copy cos cosh detach dropout
    elu eq erf erfc exp exp2 expm1 feature_alpha_dropout feature_dropout floor fmod frac ge gelu gt hardshrink
    hardsigmoid hardswish hardtanh heaviside isfinite isinf isnan le leaky_relu lerp lift_fresh_copy log log10
    log1p log2 log_sigmoid log_softmax logaddexp logical_and logical_not logical_or logical_xor logit lt maximum
    minimum mish nan_to_num native_dropout ne neg pow prelu _prelu_kernel reciprocal relu relu6 remainder round
    rrelu rrelu_with_noise rsqrt rsub selu sgn sigmoid sign silu sin sinc sinh softmax _softmax _log_softmax
    _safe_softmax softplus softshrink sqrt square sub special_erf tan tanh threshold to _to_copy to_dtype tril
    triu trunc type_as xlogy addcmul addcdiv log_sigmoid_forward"""
)
CHOICES = names("where masked_fill")  # what is chosen counts, not the condition
POOLS = names(
    """max_pool1d max_pool2d max_pool3d max_pool2d_with_indices max_pool3d_with_indices max_pool1d_with_indices
    avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d
    _adaptive_avg_pool2d _adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d
    fractional_max_pool2d upsample_nearest1d upsample_nearest2d upsample_nearest3d _upsample_nearest_exact1d
    _upsample_nearest_exact2d _upsample_nearest_exact3d upsample_linear1d upsample_bilinear2d upsample_bicubic2d
    upsample_trilinear3d _upsample_bilinear2d_aa _upsample_bicubic2d_aa"""
)
REDUCTIONS = names(
    """all amax amin aminmax any argmax argmin linalg_vector_norm logsumexp max mean median min nanmean nansum norm
    prod std std_mean sum var var_mean"""
)
CONVOLUTIONS = names("""conv1d conv2d conv3d convolution conv_transpose1d conv_transpose2d conv_transpose3d""")
RECURRENT = names("gru lstm rnn_tanh rnn_relu gru_cell lstm_cell rnn_tanh_cell rnn_relu_cell")
BY_DATA = names("""nonzero masked_select unique _unique2 unique_dim item _local_scalar_dense sort topk""")
RUNNING = names("cumsum cumprod cummax cummin logcumsumexp")
BRANCHING = names("cond while_loop scan map map_impl associative_scan")


def rule(call: Call) -> Rule:
    """Return the rule for the call's operator; `ProbatumError` says what to do where there is none."""
    name = short_name(call.operator)
    if name in RULES:
        return RULES[name]
    raise call.error(_advice(name))


def has_answer(operator: str) -> bool:
    """Say whether there is a rule, or a reason of its own why there is none."""
    return short_name(operator) in RULES.keys() | RECURRENT | BY_DATA | BRANCHING


def short_name(operator: str) -> str:
    """Return `conv2d` of `aten.conv2d.default`."""
    parts = operator.split(".")
    return parts[1] if len(parts) > 1 else operator


def _advice(name: str) -> str:
    if name in RECURRENT:
        return (
            "recurrent layers have no rule, since their units feed themselves; measure the parts before and after it, "
            "or write out its dense layers"
        )
    if name in BY_DATA:
        return "what it gives depends on the data, so no fixed unit stands behind it; measure the parts around it"
    if name in BRANCHING:
        return "conditions and loops have no fixed set of operations; measure the branch or the body by itself"
    return "there is no rule for it; replace it by plainer operators, or measure the parts before and after it"


def _pointwise(call: Call) -> list[Step]:
    return [call.step("pointwise")]


def _choice(call: Call) -> list[Step]:
    chosen = call.values("self", "other", "value")
    return [call.step("pointwise", inputs=chosen or call.values())]


def _pool(call: Call) -> list[Step]:
    value = call.values("self") or call.values("input")
    return [call.step("pool", inputs=value)]


def _reduction(call: Call) -> list[Step]:
    value = call.values("self") or call.values("input")
    if "other" in call.arguments:
        return [call.step("pointwise")]  # the greater or smaller of two values
    dimensions = len(call.shape("self" if call.values("self") else "input"))
    asked = call.arguments.get("dim")
    axes = range(dimensions) if asked is None or asked == [] else asked if isinstance(asked, list | tuple) else [asked]
    attributes = {"axes": tuple(sorted(axis % dimensions for axis in axes))}
    return [call.step("reduce", inputs=value, attributes=attributes)]


def _running(call: Call) -> list[Step]:
    """A running sum or maximum: of positions, or else a statistic, as the sum over all."""
    (value,) = call.values("self")
    dimensions = len(call.shapes[0])
    axis = call.constant("dim") % dimensions
    shape = tuple(1 if other == axis else size for other, size in enumerate(call.shapes[0]))
    total = f"{call.outputs[0]}#total"
    over = call.step("reduce", inputs=[value], attributes={"axes": (axis,)})
    return [
        replace(over, outputs=(total,), shapes=(shape,)),
        call.step("pointwise", inputs=[total]),
    ]


RULES: dict[str, Rule] = {
    **dict.fromkeys(POINTWISE, _pointwise),
    **dict.fromkeys(CHOICES, _choice),
    **dict.fromkeys(LAYOUTS, layout),
    **dict.fromkeys(POOLS, _pool),
    **dict.fromkeys(REDUCTIONS, _reduction),
    **dict.fromkeys(CONVOLUTIONS, convolution),
    **dict.fromkeys(("mm", "bmm", "matmul"), matmul),
    **dict.fromkeys(("batch_norm", "_native_batch_norm_legit_no_training", "native_batch_norm"), batch_norm),
    **dict.fromkeys(("group_norm", "native_group_norm", "instance_norm"), channel_norm),
    **dict.fromkeys(("layer_norm", "native_layer_norm", "rms_norm", "_fused_rms_norm"), last_axes_norm),
    **dict.fromkeys(("addmm", "baddbmm"), addmm),
    **dict.fromkeys(RUNNING, _running),
    "div": divided,
    "embedding": embedding,
    "glu": gated,
    "linear": linear,
    "mul": multiplied,
    "scaled_dot_product_attention": attention,
}
