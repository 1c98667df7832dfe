"""Train a network with Adam, then go on training while its smallest weights are pruned, repeatably by seed.

The recipe of Filan et al. 2021, "Clusterability in Neural Networks": Adam with its usual settings, no validation
set, a phase without and a phase with pruning, optionally L1 or L2 on the weights of all layers. (In the authors'
code the runs called L2 put L1 on the first layer; `l1_first` does so on purpose.)
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from probatum.datasets.images import Images
from probatum.datasets.polynomials import Regression
from probatum.networks.one_thread import one_thread
from probatum.networks.pruning import PruningSchedule, apply_masks, magnitude_masks, weight_tensors

if TYPE_CHECKING:
    import torch
    from torch import nn

    Pair = tuple[torch.Tensor, torch.Tensor]  # inputs and answers
    Penalty = Callable[[nn.Module], torch.Tensor]


@dataclass(frozen=True, kw_only=True)
class ClassifierRecipe:
    """How long and with what penalties: `l1` times the sum of |w|, `l2` times the sum of w² over all weights.

    `l1_first`: the first layer gets L1 of the size `l2` in place of L2. `pruning_epochs`: 0 prunes nothing.
    `enough`: training without pruning ends after the first epoch that leaves this share of right answers on the
    training part, or after `epochs`. `penalty_every`: steps from one use of the caller's own penalty to the next.
    """

    epochs: int
    pruning_epochs: int = 0
    batch: int = 128
    learning_rate: float = 0.001
    l1: float = 0.0
    l2: float = 0.0
    l1_first: bool = False
    enough: float | None = None
    pruning: PruningSchedule = field(default_factory=PruningSchedule)
    penalty_every: int = 1

    def __post_init__(self) -> None:
        counts = (self.epochs, self.batch, self.penalty_every)
        if min(counts) < 1 or min(self.pruning_epochs, self.l1, self.l2) < 0 or self.learning_rate <= 0:
            raise ValueError(f"{self}: give at least 1 epoch, batches of at least 1, and no negative number")


@dataclass(frozen=True, kw_only=True, eq=False)
class Trained:
    """A copy of the network after a phase of `epochs` epochs, in eval mode.

    `accuracy`: share of right answers on the test part, 0 to 1; `train_accuracy` the same on the training part.
    For regression both are 1 - (mean squared error / variance of the answers).
    """

    network: nn.Module
    accuracy: float
    train_accuracy: float
    epochs: int

    def scores(self) -> dict[str, float]:
        """Return both accuracies by name."""
        return {"accuracy": self.accuracy, "train_accuracy": self.train_accuracy}


def train_and_prune(
    network: nn.Module,
    data: Images | Regression,
    *,
    recipe: ClassifierRecipe,
    seed: int,
    penalty: Penalty | None = None,
    before_batch: Callable[[nn.Module], None] | None = None,
) -> Mapping[str, Trained]:
    """Train the network in place, on one thread, and return copies of it: `unpruned` and, if it was, `pruned`.

    Pictures are scaled to 0..1 and have their channels first; their loss is the cross-entropy. A `Regression` is
    fitted by the mean squared error. `seed` decides the order of the examples and what dropout drops; torch's own
    random state is left as it was. `penalty` is added to the loss, such as a differentiable n-cut; `before_batch`
    may change the network in place before every batch. Raises `ValueError` where the loss stops being a number.
    """
    import torch

    run = _Run(
        recipe=recipe,
        train=_tensors(data.train_x, data.train_y),
        test=_tensors(data.test_x, data.test_y),
        loss=torch.nn.functional.cross_entropy if isinstance(data, Images) else torch.nn.functional.mse_loss,
        penalty=penalty,
        before_batch=before_batch,
        rng=np.random.default_rng(seed),
    )
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        phases = {"unpruned": _train(network, run)}
        if recipe.pruning_epochs:
            phases["pruned"] = _prune(network, run)
    return phases


@dataclass(frozen=True, kw_only=True, eq=False)
class _Run:
    """All that both phases need."""

    recipe: ClassifierRecipe
    train: Pair
    test: Pair
    loss: Callable[..., Any]
    penalty: Penalty | None
    before_batch: Callable[[nn.Module], None] | None
    rng: np.random.Generator

    @property
    def steps(self) -> int:
        """Batches in an epoch; the last may be short."""
        return -(-len(self.train[0]) // self.recipe.batch)


def _tensors(x: npt.NDArray[Any], y: npt.NDArray[Any]) -> Pair:
    import torch

    inputs = torch.from_numpy(np.array(x))
    if x.dtype == np.uint8:
        inputs = inputs.permute(0, 3, 1, 2).to(torch.float32, memory_format=torch.contiguous_format).div_(255)
    return inputs, torch.from_numpy(np.array(y))


def _train(network: nn.Module, run: _Run) -> Trained:
    optimizer = _adam(network, run.recipe)
    epoch, enough = 0, run.recipe.enough
    for epoch in range(1, run.recipe.epochs + 1):
        for step, chosen in enumerate(_batches(run), start=(epoch - 1) * run.steps):
            _step(network, run, optimizer, chosen, step)
        if enough is not None and _score(network, run.train) >= enough:
            break
    return _finished(network, run, epoch)


def _prune(network: nn.Module, run: _Run) -> Trained:
    """Train on with a new Adam and ever more weights held at zero."""
    optimizer, tensors, schedule = _adam(network, run.recipe), weight_tensors(network), run.recipe.pruning
    epochs = run.recipe.pruning_epochs
    masks: dict[str, torch.Tensor] = {}
    for epoch in range(epochs):
        for step, chosen in enumerate(_batches(run), start=epoch * run.steps):
            if step % schedule.every == 0:
                masks = magnitude_masks(tensors, sparsity=schedule.sparsity(step, epochs * run.steps))
                apply_masks(tensors, masks)
            _step(network, run, optimizer, chosen, step)
            apply_masks(tensors, masks)
    apply_masks(tensors, magnitude_masks(tensors, sparsity=schedule.last))
    return _finished(network, run, epochs)


def _adam(network: nn.Module, recipe: ClassifierRecipe) -> torch.optim.Adam:
    import torch

    network.train()
    return torch.optim.Adam(network.parameters(), lr=recipe.learning_rate, fused=True)


def _batches(run: _Run) -> Iterator[torch.Tensor]:
    import torch

    order = torch.from_numpy(run.rng.permutation(len(run.train[0])))
    for step in range(run.steps):
        yield order[step * run.recipe.batch : (step + 1) * run.recipe.batch]


def _step(network: nn.Module, run: _Run, optimizer: torch.optim.Adam, chosen: torch.Tensor, step: int) -> None:
    if run.before_batch:
        run.before_batch(network)
    optimizer.zero_grad()
    loss = run.loss(network(run.train[0][chosen]), run.train[1][chosen])
    if run.penalty and step % run.recipe.penalty_every == 0:
        loss = loss + run.penalty(network)
    loss.backward()
    if run.recipe.l1 or run.recipe.l2:
        _decay(network, run.recipe)
    optimizer.step()


def _decay(network: nn.Module, recipe: ClassifierRecipe) -> None:
    """Add the gradient of the L1 and L2 penalties by hand, which is cheaper than through the loss."""
    import torch

    with torch.no_grad():
        for number, tensor in enumerate(weight_tensors(network).values()):
            swapped = recipe.l1_first and number == 0
            l1, l2 = (recipe.l2, 0.0) if swapped else (recipe.l1, recipe.l2)
            if tensor.grad is not None and l1:
                tensor.grad.add_(tensor.sign(), alpha=l1)
            if tensor.grad is not None and l2:
                tensor.grad.add_(tensor, alpha=2 * l2)


def _finished(network: nn.Module, run: _Run, epochs: int) -> Trained:
    import torch

    bad = [name for name, tensor in network.named_parameters() if not torch.isfinite(tensor).all()]
    if bad:
        raise ValueError(f"{bad[0]} became NaN or infinite: try a lower learning rate than in {run.recipe}")
    done = copy.deepcopy(network).eval()
    scores = {"accuracy": _score(done, run.test), "train_accuracy": _score(done, run.train)}
    return Trained(network=done, epochs=epochs, **scores)


def _score(network: nn.Module, data: Pair) -> float:
    """Share of right answers, or the share of variance explained where the answers are numbers."""
    import torch

    training = network.training
    network.eval()
    with torch.inference_mode():
        answers = torch.cat([network(data[0][start : start + 1000]) for start in range(0, len(data[0]), 1000)])
    network.train(training)
    if data[1].dtype == torch.int64:
        return float((answers.argmax(dim=1) == data[1]).double().mean())
    return float(1 - torch.nn.functional.mse_loss(answers, data[1]) / data[1].var(correction=0))
