from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.control.learning.replay import Replay

FIELDS = ("now", "actions", "next", "later", "ahead", "rewards", "terminal", "terminal_later")


@dataclass
class Frame:
    place: float
    episode: int
    action: float | None = None  # of the step from here, if one was taken
    reward: float = 0.0
    terminal: bool = False


@dataclass
class PlainRing:
    """One ring as a list of all frames there have been; the last `capacity` of them count."""

    capacity: int
    frames: list[Frame] = field(default_factory=list)
    episode: int = 0

    def stand(self, place):
        self.episode += 1
        self.frames.append(Frame(place, self.episode))

    def add(self, action, reward, place, terminated):
        self.frames[-1].action, self.frames[-1].reward = action, reward
        self.frames.append(Frame(place, self.episode, terminal=terminated))

    def transitions(self, n_step, cross_episodes):
        """Every transition of which nothing is forgotten, as what a batch says of it."""
        rows = set()
        for number in range(max(0, len(self.frames) - self.capacity), len(self.frames) - 1):
            first, then = self.frames[number], self.frames[number + 1]
            if first.action is None or first.episode != then.episode:
                continue
            end = number + 1
            while end - number < n_step and end + 1 < len(self.frames):
                if not cross_episodes and self.frames[end + 1].episode != first.episode:
                    break
                end += 1
            last = self.frames[end]
            rows.add(
                (first.place, first.action, then.place, last.place, end - number, first.reward, then.terminal,
                 last.terminal)
            )  # fmt: skip
        return rows


def drawn_rows(batch, member):
    columns = [getattr(batch, name)[member].reshape(batch.ahead.shape[1], -1)[:, 0].tolist() for name in FIELDS]
    return list(zip(*columns, strict=True))


def generators(count):
    return [np.random.default_rng(seed) for seed in range(count)]


# Sequences of what may happen to a ring: begin an episode, step (on, to an end, to a terminal state), be broken off.
EVENTS = st.lists(st.sampled_from(("step", "step", "step", "step", "cut", "terminal", "broken")), max_size=60)


@settings(max_examples=150, deadline=None)
@given(
    events=st.lists(EVENTS, min_size=4, max_size=4),
    capacity=st.integers(4, 24),
    n_step=st.integers(1, 6),
    cross_episodes=st.booleans(),
)
def test_a_replay_is_a_list_of_frames(events, capacity, n_step, cross_episodes):
    """2 members of 2 lanes against plain lists: whatever is drawn is there, and all that is there is drawn."""
    replay = Replay(members=2, lanes=2, observation=1, action=1, capacity=2 * capacity)
    rings = [PlainRing(capacity) for _ in range(4)]
    counter = iter(range(1, 10_000))
    for lane, ring in enumerate(rings):
        ring.stand(place := float(next(counter)))
        replay.stand(lane, np.float32([place]))
        for event in events[lane]:
            if event == "broken":
                replay.break_off(lane)
            else:
                action, reward, place = (float(next(counter)) for _ in range(3))
                ring.add(action, reward, place, event == "terminal")
                replay.add(
                    lane,
                    action=np.float32([action]),
                    reward=reward,
                    arrived=np.float32([place]),
                    terminated=event == "terminal",
                    ended=event != "step",
                )
            if event != "step":
                ring.stand(place := float(next(counter)))
                replay.stand(lane, np.float32([place]))
    wanted = [ring.transitions(n_step, cross_episodes) for ring in rings]
    if not all(wanted):
        with pytest.raises(ValueError, match="no transition yet"):
            replay.draw(2000, generators(2), n_step=n_step, cross_episodes=cross_episodes)
        return
    batch = replay.draw(2000, generators(2), n_step=n_step, cross_episodes=cross_episodes)
    for member in range(2):
        rows = drawn_rows(batch, member)
        assert set(rows) == wanted[2 * member] | wanted[2 * member + 1]
    for lane, ring in enumerate(rings):
        kept = [frame.place for frame in ring.frames[-capacity:]]
        assert replay.since(lane, 0)[:, 0].tolist() == kept
        assert replay.since(lane, len(ring.frames) - 2)[:, 0].tolist() == [frame.place for frame in ring.frames[-2:]]
        assert len(replay.since(lane, len(ring.frames))) == 0


def filled(*, ends=(3, 8), frames=10, capacity=100, terminal=()):
    """One ring with observations 0, 1, 2, ...; an episode ends at each frame of `ends`."""
    replay = Replay(members=1, lanes=1, observation=1, action=1, capacity=capacity)
    replay.stand(0, np.float32([0]))
    number = 0
    while number + 1 < frames:
        number += 1
        replay.add(
            0,
            action=np.float32([number]),
            reward=-number,
            arrived=np.float32([number]),
            terminated=number in terminal,
            ended=number in ends,
        )
        if number in ends:
            number += 1
            replay.stand(0, np.float32([number]))
    return replay


def ends_of(replay, **options):
    """Where each transition begins, and how far ahead its window ends."""
    batch = replay.draw(500, generators(1), **options)
    return dict(sorted(zip(batch.now[0, :, 0].tolist(), batch.ahead[0].tolist(), strict=True)))


def test_windows_are_cut_where_the_episode_ends():
    """Frames 0-3, 4-8 and 9 of an episode that has just begun: no transition leads from 3 to 4 or from 8 to 9."""
    assert ends_of(filled(), n_step=3) == {0: 3, 1: 2, 2: 1, 4: 3, 5: 3, 6: 2, 7: 1}
    assert ends_of(filled(), n_step=1) == dict.fromkeys((0, 1, 2, 4, 5, 6, 7), 1)


def test_windows_of_an_episode_under_way_end_at_its_newest_frame():
    assert ends_of(filled(ends=(3,), frames=8), n_step=3) == {0: 3, 1: 2, 2: 1, 4: 3, 5: 2, 6: 1}


def test_windows_across_episodes_end_at_the_newest_frame_alone():
    assert ends_of(filled(), n_step=3, cross_episodes=True) == {0: 3, 1: 3, 2: 3, 4: 3, 5: 3, 6: 3, 7: 2}


def test_terminal_states_are_told_at_both_ends_of_a_window():
    batch = filled(terminal=(3,)).draw(500, generators(1), n_step=2)
    seen = {
        (int(now), bool(near), bool(far))
        for now, near, far in zip(batch.now[0, :, 0], batch.terminal[0], batch.terminal_later[0], strict=True)
    }
    assert seen == {(0, False, False), (1, False, True), (2, True, True)} | {
        (now, False, False) for now in (4, 5, 6, 7)
    }


def test_rewards_and_actions_are_those_of_the_first_step():
    batch = filled().draw(200, generators(1), n_step=3)
    assert (batch.rewards == -batch.next[..., 0]).all()
    assert (batch.actions == batch.next).all()
    assert (batch.later[..., 0] == batch.now[..., 0] + batch.ahead).all()


def test_draws_are_uniform():
    numbers = filled(ends=(), frames=11).draw(20_000, generators(1), n_step=1).now[0, :, 0].astype(int)
    assert np.bincount(numbers) == pytest.approx(np.full(10, 2000), rel=0.1)


def test_members_draw_what_they_would_alone():
    replay = Replay(members=3, lanes=2, observation=2, action=1, capacity=50)
    alone = Replay(members=1, lanes=2, observation=2, action=1, capacity=50)
    for lane in range(6):
        generator = np.random.default_rng(lane)
        for each, place in ((replay, lane), (alone, lane - 4)):
            if place < 0:
                continue
            generator = np.random.default_rng(lane)
            each.stand(place, generator.normal(size=2).astype(np.float32))
            for _ in range(70):
                each.add(
                    place,
                    action=generator.normal(size=1).astype(np.float32),
                    reward=0.0,
                    arrived=generator.normal(size=2).astype(np.float32),
                )
    together = replay.draw(40, [np.random.default_rng(seed) for seed in (7, 8, 9)], n_step=4)
    single = alone.draw(40, [np.random.default_rng(9)], n_step=4)
    for name in FIELDS:
        assert (getattr(together, name)[2] == getattr(single, name)[0]).all()


def test_its_arrays_hold_all_of_it():
    """A replay filled from another's arrays goes on as the other does."""
    first = filled(capacity=8, frames=30, ends=(5, 9, 20))
    second = Replay(members=1, lanes=1, observation=1, action=1, capacity=8)
    for name, array in vars(first).items():
        if isinstance(array, np.ndarray):
            getattr(second, name)[...] = array
    for replay in (first, second):
        replay.add(0, action=np.float32([1]), reward=2.0, arrived=np.float32([3]), ended=True)
        replay.stand(0, np.float32([4]))
    batches = [replay.draw(50, generators(1), n_step=3) for replay in (first, second)]
    for name in FIELDS:
        assert (getattr(batches[0], name) == getattr(batches[1], name)).all()
    assert set(first.ring_names) <= set(vars(first))


def test_a_ring_longer_than_many_rounds():
    """After 10,000 frames in 16 places the numbers still fit, and an episode longer than the ring is cut nowhere."""
    replay = filled(capacity=16, frames=10_000, ends=())
    assert ends_of(replay, n_step=4) == {now: min(4, 9999 - now) for now in range(9984, 9999)}


def test_nothing_to_draw_is_said():
    replay = Replay(members=1, lanes=1, observation=1, action=1, capacity=10)
    replay.stand(0, np.float32([0]))
    with pytest.raises(ValueError, match="no transition yet"):
        replay.draw(3, generators(1), n_step=1)
