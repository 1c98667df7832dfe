"""A penalty that makes a network more clusterable while it trains: the small eigenvalues of its Laplacian.

Filan et al. 2021, "Clusterability in Neural Networks", section 5: the n-cut of the best partition into k parts
is bounded from below by the sum of the k smallest eigenvalues of the normalized Laplacian, and an eigenvalue
has a derivative with respect to every weight in closed form.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from probatum.errors import MissingExtra

Edge = tuple[str, str, str]  # source layer, target layer, parameter


def ncut_penalty(
    model: Any,
    *,
    eigenvalues: int = 3,
    layers: Sequence[str] | Sequence[Edge] | None = None,
    memory: dict[str, Any] | None = None,
) -> Any:
    """Return the mean of the Laplacian eigenvalues 2 to `eigenvalues` + 1, a scalar tensor with a gradient.

    Add a multiple of it (the paper: 0.1, on small networks) to the loss. Edges are |weight|; a convolution's
    are summed over the kernel, those of a dense layer behind a flattened convolution over the pixels. `model`: any
    `torch.nn.Module`. `layers`: names of the parameters in the order of computing; None takes the weights of all
    linear and convolution modules in the order in which the model holds them. A network that is no chain is given
    by its edges, (source layer, target layer, parameter) each, with layer names of your choice; a parameter named
    twice is tied. `memory`: an empty dict, given again at every step, keeps the eigenvectors as the start of the
    next solution, which is then found to a residual of 1e-3 by block Krylov steps, as is that of a graph with more
    than 2,000 units on its smaller side; otherwise the solution is exact.

    The gradient is that of the eigenvalues with D varying too: with y'Dy = 1, the derivative of an eigenvalue l
    by the edge ij is (y_i - y_j)^2 - l (y_i^2 + y_j^2). It can be taken once only. Scaling a ReLU unit up and its
    readers down changes the penalty and not the function; the paper rescales all units before each batch. Raises
    `ValueError` for parameters that do not exist, do not fit each other or are not finite, and for more eigenvalues
    than there are.
    """
    try:
        import torch
    except ImportError as error:
        raise MissingExtra("torch", "torch") from error

    if eigenvalues < 1:
        raise ValueError(f"{eigenvalues} eigenvalues: give at least 1")
    edges, sizes = _edges(model, layers)
    number = {name: position for position, name in enumerate(sizes)}
    pairs = [(number[source], number[target]) for source, target, _, _ in edges]
    if any(source == target for source, target in pairs):
        raise ValueError("an edge leads from a layer to itself; give the two ends different names")
    for _, _, parameter, block in edges:
        if not torch.isfinite(block.detach().sum()):
            raise ValueError(f"parameter {parameter!r} holds NaN or infinite values")
    total = _function().apply(pairs, list(sizes.values()), eigenvalues, memory, *(block for *_, block in edges))
    return total / eigenvalues


def _edges(model: Any, layers: Any) -> tuple[list[tuple[str, str, str, Any]], dict[str, int]]:
    """Return the edges with their sizes (tensors of target x source units) and the layers' numbers of units."""
    modules = {f"{name}.weight" if name else "weight": module for name, module in model.named_modules()}
    parameters = dict(model.named_parameters(remove_duplicate=False))
    wanted: list[Any] = list(layers) if layers is not None else [name for name in modules if _is_layer(modules[name])]
    if not wanted:
        raise ValueError("the model has no linear or convolution module; name its weights in `layers`")
    named: list[Edge] = [(str(step), str(step + 1), str(name)) for step, name in enumerate(wanted)]
    if not isinstance(wanted[0], str):
        named = [(str(source), str(target), str(parameter)) for source, target, parameter in wanted]
    found: list[tuple[str, str, str, Any]] = []
    sizes: dict[str, int] = {}
    makers: dict[str, str] = {}
    for source, target, parameter in named:
        if parameter not in parameters:
            raise ValueError(f"the model has no parameter {parameter!r}; it has {', '.join(parameters)}")
        block = _edge_sizes(parameters[parameter], modules.get(parameter), sizes.get(source))
        for layer, units in ((source, block.shape[1]), (target, block.shape[0])):
            if sizes.setdefault(layer, units) != units:
                raise ValueError(
                    f"parameter {parameter!r} needs {units} units where {makers[layer]!r} has {sizes[layer]}; "
                    "name the parameters in the order of computing, or give (source, target, parameter) for each edge"
                )
            makers.setdefault(layer, parameter)
        found.append((source, target, parameter, block))
    return found, sizes


def _is_layer(module: Any) -> bool:
    from torch import nn

    return isinstance(module, nn.Linear) or hasattr(module, "transposed")  # all convolutions have the latter


def _edge_sizes(weight: Any, module: Any, units_before: int | None) -> Any:
    """Return |weight| as a matrix (target units, source units), summed over kernel positions or pixels."""
    import torch

    if weight.ndim < 2:
        raise ValueError(f"a parameter of shape {tuple(weight.shape)} has no two sides; name weights, not biases")
    sizes = weight.abs().flatten(2).sum(2) if weight.ndim > 2 else weight.abs()
    groups = getattr(module, "groups", 1)
    if groups > 1:
        sizes = torch.block_diag(*sizes.chunk(groups))  # type: ignore[no-untyped-call]
    if getattr(module, "transposed", False):
        sizes = sizes.T
    if weight.ndim == 2 and units_before and sizes.shape[1] > units_before and sizes.shape[1] % units_before == 0:
        sizes = sizes.reshape(len(sizes), units_before, -1).sum(2)
    return sizes


@cache
def _function() -> Any:
    import torch
    from torch.autograd.function import once_differentiable

    from probatum.structure.laplacian_spectrum import laplacian_spectrum

    class SumOfEigenvalues(torch.autograd.Function):
        """The sum of the smallest eigenvalues after the first, with its closed-form derivative."""

        @staticmethod
        def forward(ctx: Any, pairs: Any, units: Any, eigenvalues: int, memory: Any, *blocks: Any) -> Any:
            values, vectors = laplacian_spectrum(pairs, units, blocks, count=eigenvalues + 1, memory=memory)
            ctx.pairs = pairs
            # Summed over eigenvectors: (1 - l)(y_i^2 + y_j^2) - 2 y_i y_j. The first adds nothing, y being constant.
            ctx.save_for_backward(*vectors, *(vector.square() @ (1 - values) for vector in vectors))
            return values[1:].sum()

        @staticmethod
        @once_differentiable
        def backward(ctx: Any, gradient: Any) -> Any:
            half = len(ctx.saved_tensors) // 2
            vectors, shares = ctx.saved_tensors[:half], ctx.saved_tensors[half:]
            by_block: list[Any] = []
            for number, (source, target) in enumerate(ctx.pairs):
                if not ctx.needs_input_grad[4 + number]:
                    by_block.append(None)
                    continue
                slope = torch.addmm(shares[target][:, None], vectors[target], vectors[source].T, alpha=-2)
                by_block.append(slope.add_(shares[source]).mul_(gradient))
            return (None, None, None, None, *by_block)

    return SumOfEigenvalues
