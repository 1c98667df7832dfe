"""Environments of which every transition is known, for tests of what a training stores."""

import gymnasium
import numpy as np


class Corridor(gymnasium.Env):
    """Observation: (episode's seed modulo 1000, step). It terminates after `terminal` steps, or is cut after `cut`."""

    observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (2,), np.float32)
    action_space = gymnasium.spaces.Box(-1, 1, (1,), np.float32)

    def __init__(self, *, terminal=None, cut=None, says=True):
        self.terminal, self.cut, self.says = terminal, cut, says

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.episode, self.taken = float(self.np_random.integers(1000)), 0
        return self._seen(), {}

    def step(self, action):
        self.taken += 1
        info = {"success": self.taken == self.terminal} if self.says else {}
        return self._seen(), 10.0 * self.taken, self.taken == self.terminal, self.taken == self.cut, info

    def _seen(self):
        return np.array([self.episode, self.taken], np.float32)


class ForgetfulCorridor(Corridor):
    """Its episodes do not follow the seed."""

    episodes = 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        type(self).episodes += 1
        self.episode = float(type(self).episodes)
        return self._seen(), {}


class SelfResetting(gymnasium.vector.VectorEnv):
    """Two corridors, 3 and 4 steps long, that spend the step after an end on a reset, as mode NEXT_STEP has it."""

    metadata = {"autoreset_mode": gymnasium.vector.AutoresetMode.NEXT_STEP}  # noqa: RUF012 (as gymnasium has it)
    single_observation_space = Corridor.observation_space
    single_action_space = Corridor.action_space
    num_envs = 2

    def __init__(self):
        self.observation_space = gymnasium.vector.utils.batch_space(self.single_observation_space, 2)
        self.action_space = gymnasium.vector.utils.batch_space(self.single_action_space, 2)
        self.lengths = np.array([3, 4])

    def reset(self, *, seed=None, options=None):
        self.episode, self.taken = np.array([0, 500]), np.zeros(2, int)
        self.over = np.zeros(2, bool)
        return self._seen(), {}

    def step(self, actions):
        self.episode = self.episode + self.over
        self.taken = np.where(self.over, 0, self.taken + 1)
        reset, self.over = self.over, self.taken == self.lengths
        rewards = np.where(reset, 0.0, 10.0 * self.taken)
        return self._seen(), rewards, np.zeros(2, bool), self.over.copy(), {"success": self.over, "_success": ~reset}

    def _seen(self):
        return np.stack([self.episode, self.taken], axis=1).astype(np.float32)
