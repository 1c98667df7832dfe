"""The peer: soft actor-critic of Stable-Baselines3, which does less arithmetic: no examples, no state n steps on."""

from __future__ import annotations

from typing import Any

from control_material import Size

from probatum.control.learning.replay import Replay

MISSING = "pip install --no-deps stable-baselines3==2.9.2 pandas"


def sac_version() -> str | None:
    """Return the version that is installed, None where there is none."""
    try:
        import stable_baselines3
    except ImportError:
        return None
    return str(stable_baselines3.__version__)


def sac_on(env: Any, size: Size, *, entropy: str | float = 1e-4, warmup: int = 1000, stored: int = 400_000) -> Any:
    """Return a model that takes an update a step, with its logging off."""
    from stable_baselines3 import SAC
    from stable_baselines3.common.logger import Logger

    model = SAC(
        "MlpPolicy",
        env,
        batch_size=size.batch,
        buffer_size=stored,
        learning_starts=warmup,
        train_freq=1,
        gradient_steps=1,
        ent_coef=entropy,
        policy_kwargs={"net_arch": list(size.hidden)},
        device="cpu",
        seed=0,
    )
    model.set_logger(Logger(folder=None, output_formats=[]))
    return model


def fill(model: Any, replay: Replay) -> None:
    """Put the first member's transitions of ours into the model's replay."""
    room, count = model.replay_buffer, int(replay.transitions[0])
    frames = replay.frame_of[0, :count]
    room.observations[:count, 0] = replay.observations[0, frames]
    room.next_observations[:count, 0] = replay.observations[0, frames + 1]
    room.actions[:count, 0] = replay.actions[0, frames]
    room.pos = count
