"""Do our update and the eager ones do the same? Both take the same draws for some updates; losses are compared."""

from __future__ import annotations

from typing import Any

import numpy as np
from control_material import ACTION, EXAMPLES, Size, filled_replay, learner_of

UPDATES = 20


def largest_difference(size: Size) -> dict[str, float]:
    """Return for each eager version how far its critics' loss ever was from ours, relative to ours, in 20 updates."""
    from eager_torch_rce import CarefulTorchRce, PlainTorchRce, TorchReplay

    learner, replay = learner_of(size), filled_replay(stored=2000)
    held = TorchReplay(replay, learner)
    eager: list[Any] = [CarefulTorchRce(size, learner, held), PlainTorchRce(size, learner, held)]
    found = dict.fromkeys((type(one).__name__ for one in eager), 0.0)
    for _ in range(UPDATES):
        draw = _draw(size, learner, replay, held)
        state = learner.generators[0].bit_generator.state
        ours = float(learner.look(replay, learner.generators)[0].loss[0])
        learner.generators[0].bit_generator.state = state
        learner.update(replay)
        for one in eager:
            apart = abs(float(one.update(draw)) - ours) / abs(ours)
            found[type(one).__name__] = max(found[type(one).__name__], apart)
    return found


def _draw(size: Size, learner: Any, replay: Any, held: Any) -> Any:
    """Return what the learner's next update will draw, and leave its generator as it was."""
    import torch
    from eager_torch_rce import Draw

    generator = np.random.default_rng()
    generator.bit_generator.state = learner.generators[0].bit_generator.state
    batch = replay.draw(size.batch, [generator], n_step=10)
    shown = learner.examples[0][generator.integers(EXAMPLES, size=size.batch)]
    states = torch.from_numpy(np.concatenate([batch.now[0], batch.next[0], batch.later[0], shown]))
    states.sub_(held.shift).div_(held.scale).clamp_(-10, 10)
    noise = generator.standard_normal((4 * size.batch, ACTION), dtype=np.float32)
    arrays = map(torch.from_numpy, (batch.actions[0], batch.ahead[0], noise))
    return Draw(states, *arrays)
