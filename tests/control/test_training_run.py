import contextlib
import dataclasses
import json

import gymnasium
import numpy as np
import pytest
from corridor import Corridor, ForgetfulCorridor, SelfResetting
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probatum.control.environments.point_room import PointRoom, success_states
from probatum.control.learning.checkpoint import NAME, read_checkpoint, write_checkpoint
from probatum.control.methods import dac, oril, rce, sparse_reward, sqil, sqil_squared, two_stage, vice
from probatum.control.settings import Training
from probatum.control.trained_policies import trained_policies
from probatum.control.training_run import TrainingRun
from probatum.errors import ProbatumError

EXAMPLES = success_states(30)
QUICK = Training(
    steps=140, warmup=60, hidden=(8, 8), batch=16, evaluations=3, evaluation_episodes=1, learning_rate=3e-3
)


def several_rooms():
    return gymnasium.vector.SyncVectorEnv([PointRoom] * 3, autoreset_mode=gymnasium.vector.AutoresetMode.SAME_STEP)


def choosing_room():
    return PointRoom(discrete=True)


def run_of(objective=None, env_fn=PointRoom, *, seeds=(3,), examples=EXAMPLES, success=None, **changed):
    return TrainingRun(
        env_fn,
        examples,
        objective=objective or rce.objective(n_step=4),
        training=dataclasses.replace(QUICK, **changed),
        seeds=seeds,
        success=success,
    )


def state_of(run):
    """Everything that a run is, but for the seconds it took."""
    arrays = {name: array.copy() for name, array in run._arrays().items()}
    words = {name: rows for name, rows in run.history.items() if name != "seconds"}
    words["generators"] = [generator.bit_generator.state for generator in run.learner.generators]
    words["done"] = [run.done, run.learner.updates]
    standing = {f"standing {lane}": one.observations for lane, one in enumerate(run.lanes)}
    return arrays | standing, json.dumps(words)


def assert_same(one, other):
    arrays, words = state_of(one)
    others, other_words = state_of(other)
    assert set(arrays) == set(others)
    for name, array in arrays.items():
        assert array.tobytes() == others[name].tobytes(), name
    assert words == other_words


def step_to(run, steps):
    while run.done < steps:
        run.step()


CASES = {
    "rce": (rce.objective(n_step=4), {}),
    "rce, three lanes": (rce.objective(), {"env_fn": several_rooms}),
    "rce, choices, two seeds": (rce.objective(), {"env_fn": choosing_room, "seeds": (5, 1)}),
    "sqil_squared, a ring that is full": (sqil_squared.objective(), {"capacity": 50, "updates_per_step": 2}),
    "dac": (dac.objective(), {}),
    "two stages": (two_stage.objective(reward_updates=5), {}),
}


@pytest.mark.parametrize(("objective", "options"), CASES.values(), ids=CASES)
def test_a_run_taken_up_ends_as_if_never_left(objective, options, tmp_path):
    """Left in the warm-up, at its end, at an evaluation, in the middle of an episode."""
    whole, left = run_of(objective, **options), []
    for steps in (30, 60, 94, 123):
        step_to(whole, steps)
        whole.save(tmp_path / str(steps))
        left.append(whole.done)
    step_to(whole, QUICK.steps)
    for steps, done in zip((30, 60, 94, 123), left, strict=True):
        resumed = run_of(objective, **options)
        assert resumed.resume(tmp_path / str(steps)) == ""
        assert resumed.done == done
        step_to(resumed, QUICK.steps)
        assert_same(resumed, whole)
    assert len(whole.history["steps"]) == 2


def test_a_run_left_twice(tmp_path):
    whole = run_of()
    step_to(whole, QUICK.steps)
    for until in (50, 90, 120, QUICK.steps):
        run = run_of()
        if until > 50:
            run.resume(tmp_path)
        step_to(run, until)
        run.save(tmp_path)
    assert_same(run, whole)


def test_members_of_a_run_come_out_as_alone():
    together = run_of(seeds=(4, 8, 2))
    step_to(together, QUICK.steps)
    alone = run_of(seeds=(8,))
    step_to(alone, QUICK.steps)
    for name, array in alone._arrays().items():
        if name != "taken" and array.shape != (1,):
            assert (together._arrays()[name][1] == array[0]).all(), name
    for name, rows in alone.history.items():
        if name != "seconds":
            assert np.array([row[1] for row in together.history[name]]) == pytest.approx(
                np.array([row[0] for row in rows]), rel=1e-6, nan_ok=True
            )


def test_saving_and_looking_leave_no_trace(tmp_path):
    plain, watched = run_of(), run_of()
    step_to(plain, QUICK.steps)
    while watched.done < QUICK.steps:
        watched.step()
        if watched.done % 7 == 0:
            watched.save(tmp_path)
            watched.learner.act(np.zeros((1, 1, 2), np.float32), explore=False)
    assert_same(watched, plain)


def test_going_leaves_checkpoints_on_the_way(tmp_path):
    run = run_of(checkpoint_every=50)
    run.go(folder=tmp_path / "checkpoint")
    assert sorted(path.name for path in (tmp_path / "checkpoint").iterdir()) == [NAME]
    again = run_of(checkpoint_every=50)
    again.resume(tmp_path / "checkpoint")
    assert again.done == 100
    again.go()
    assert_same(again, run)


REFUSED = {
    "method": {"objective": sqil.objective()},
    "options": {"objective": rce.objective(n_step=5)},
    "options of a reward": {"objective": vice.objective(clip=3.0)},
    "settings": {"discount": 0.95},
    "seeds": {"seeds": (4,)},
    "examples": {"examples": EXAMPLES[::-1]},
    "spaces": {"env_fn": choosing_room},
}


@pytest.mark.parametrize(("word", "other"), REFUSED.items())
def test_the_checkpoint_of_another_run_is_refused(word, other, tmp_path):
    objective = vice.objective() if "reward" in word else None
    run = run_of(objective)
    step_to(run, 30)
    run.save(tmp_path)
    changed = run_of(**other)
    before = state_of(changed)
    with pytest.raises(ProbatumError, match=f"of another run: its {word.split()[0]} ") as refused:
        changed.resume(tmp_path)
    assert str(tmp_path) in str(refused.value)
    after = state_of(changed)
    assert before[1] == after[1]
    assert all((array == after[0][name]).all() for name, array in before[0].items())


def test_no_checkpoint_is_said(tmp_path):
    with pytest.raises(ProbatumError, match="no checkpoint to resume from"):
        run_of().resume(tmp_path)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("written")
    run = run_of()
    step_to(run, 70)
    run.save(folder)
    return (folder / NAME).read_bytes()


@pytest.mark.parametrize("part", [0.0, 0.001, 0.3, 0.9, 0.9999])
def test_a_truncated_checkpoint_is_refused(part, written, tmp_path):
    (tmp_path / NAME).write_bytes(written[: int(part * len(written))])
    with pytest.raises(ProbatumError, match="not a checkpoint that can be read"):
        run_of().resume(tmp_path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 0.999999), bits=st.integers(1, 255))
def test_a_damaged_checkpoint_is_refused_or_read_whole(place, bits, written, tmp_path):
    """A changed byte is found by a checksum, or stands where it says nothing."""
    damaged = bytearray(written)
    damaged[int(place * len(damaged))] ^= bits
    (tmp_path / NAME).write_bytes(damaged)
    try:
        arrays, words = read_checkpoint(tmp_path)
    except ProbatumError:
        return
    (tmp_path / NAME).write_bytes(written)
    whole, said = read_checkpoint(tmp_path)
    assert words == said
    assert all((array == whole[name]).all() for name, array in arrays.items())


def test_a_damaged_directory_of_the_file_is_refused(written, tmp_path):
    """Lengths, flags and names stand there without a checksum: each byte of its first entry and of its end."""
    start, end = written.index(b"PK\x01\x02"), written.index(b"PK\x05\x06")
    for place in [*range(start, start + 60), *range(end, len(written))]:
        damaged = bytearray(written)
        damaged[place] ^= 0xFF
        (tmp_path / NAME).write_bytes(damaged)
        with contextlib.suppress(ProbatumError):
            read_checkpoint(tmp_path)


def test_python_objects_in_a_checkpoint_are_refused(tmp_path):
    np.savez(tmp_path / NAME, words=np.array([{"done": 1}], object))
    with pytest.raises(ProbatumError, match="not a checkpoint that can be read"):
        read_checkpoint(tmp_path)


def test_a_checkpoint_is_replaced_whole(tmp_path):
    write_checkpoint(tmp_path, arrays={"a": np.arange(3)}, words={"done": 1})
    (tmp_path / ".checkpoint.npz.part").write_bytes(b"half of one")  # whoever wrote it was killed
    arrays, words = read_checkpoint(tmp_path)
    assert (arrays["a"].tolist(), words) == ([0, 1, 2], {"done": 1})
    write_checkpoint(tmp_path, arrays={"a": np.arange(4)}, words={"done": 2})
    assert read_checkpoint(tmp_path)[1] == {"done": 2}
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_an_episode_that_does_not_repeat_is_said_and_left(tmp_path):
    options = {"env_fn": lambda: ForgetfulCorridor(cut=9), "examples": np.zeros((5, 2), np.float32)}
    run = run_of(**options)
    step_to(run, 70)
    run.save(tmp_path)
    resumed = run_of(**options)
    warning = resumed.resume(tmp_path)
    assert "did not repeat" in warning
    assert "goes on with new episodes" in warning
    step_to(resumed, QUICK.steps)
    assert np.isfinite(resumed.learner.actor.flat).all()
    stored = resumed.replay.draw(500, [np.random.default_rng(0)], n_step=3)
    for end in (stored.next, stored.later):
        assert (stored.now[..., 0] == end[..., 0]).all()  # no transition leads into another episode


def transitions(run, ring):
    """Every transition in a ring: (episode, step) before and after, reward, terminal."""
    replay = run.replay
    rows = []
    for number in range(int(replay.oldest[ring]), int(replay.transitions[ring])):
        frame = int(replay.frame_of[ring, number % replay.capacity])
        here, then = frame % replay.capacity, (frame + 1) % replay.capacity
        rows.append(
            (*replay.observations[ring, here], *replay.observations[ring, then], replay.rewards[ring, here],
             bool(replay.terminal[ring, then]))
        )  # fmt: skip
    return rows


@pytest.mark.parametrize("vector", [None, "NEXT_STEP", "SAME_STEP", "DISABLED"])
def test_only_true_transitions_are_stored(vector):
    def env_fn():
        makers = [lambda: Corridor(terminal=3), lambda: Corridor(cut=4)]
        if vector is None:
            return makers[0]()
        mode = gymnasium.vector.AutoresetMode[vector]
        return gymnasium.vector.SyncVectorEnv(makers, autoreset_mode=mode)

    run = run_of(sparse_reward.objective(), env_fn, examples=np.zeros((5, 2), np.float32))
    step_to(run, 80)
    for ring, (length, ends) in enumerate([(3, True), (4, False)][: run.lanes[0].count]):
        rows = transitions(run, ring)
        assert len(rows) == 80 / run.lanes[0].count
        for place, (episode, step, after, then, reward, terminal) in enumerate(rows):
            assert (step, then) == (place % length, place % length + 1)
            assert episode == after
            assert reward == float(ends and then == length)  # success in place of the reward
            assert terminal == (ends and then == length)


def test_a_vector_environment_that_resets_itself_a_step_later():
    """The step after an end is a reset: no transition leads from a final state to the next episode, none is lost."""
    run = run_of(vice.objective(), SelfResetting, examples=np.zeros((5, 2), np.float32))
    step_to(run, 40)
    for ring, (first, length) in enumerate([(0, 3), (500, 4)]):
        rows = transitions(run, ring)
        wanted = [(first + step // (length + 1), step % (length + 1)) for step in range(20)]
        assert [row[:2] for row in rows] == [start for start in wanted if start[1] < length]
        assert all(row[2:5] == (row[0], row[1] + 1, 10 * (row[1] + 1)) for row in rows)
    run.evaluate()
    assert run.history["return"] == [[pytest.approx(80)]]  # (10 + 20 + 30) and (10 + 20 + 30 + 40), one episode each


def test_success_may_be_told_by_a_function():
    objective, silent = sparse_reward.objective(), {"env_fn": lambda: Corridor(cut=5, says=False)}
    silent["examples"] = np.zeros((5, 2), np.float32)
    with pytest.raises(ProbatumError, match="does not say whether it has succeeded"):
        step_to(run_of(objective, **silent), 5)
    run = run_of(objective, success=lambda seen: seen[1] >= 4, **silent)
    step_to(run, QUICK.steps)
    assert {row[4] for row in transitions(run, 0)} == {0, 1}
    assert run.history["success_ever"] == [[1]] * 2


def test_an_environment_that_says_nothing_has_nan_for_success():
    run = run_of(oril.objective(), lambda: Corridor(cut=5, says=False), examples=np.zeros((5, 2), np.float32))
    step_to(run, QUICK.steps)
    assert np.isnan(run.history["success_ever"]).all()
    assert run.history["return"] == [[150]] * 2


@pytest.mark.parametrize("evaluations", [1, 3, 7, 11, 22, 140])
def test_the_last_evaluation_is_at_the_end(evaluations):
    run = run_of(evaluations=evaluations, warmup=100)
    run.evaluate = lambda: run.history.setdefault("steps", []).append(run.done)
    run.learner.update = lambda replay: None
    step_to(run, QUICK.steps)
    assert run.history["steps"][-1] == QUICK.steps
    due = [step for step in range(101, 141) if step * evaluations // 140 != (step - 1) * evaluations // 140]
    assert run.history["steps"] == due


def test_history_has_a_row_an_evaluation():
    run = run_of(seeds=(1, 2), evaluations=2, warmup=20)
    step_to(run, QUICK.steps)
    assert run.history["steps"] == [[70, 70], [140, 140]]
    assert run.history["updates"] == [[50, 50], [120, 120]]
    assert {len(rows) for rows in run.history.values()} == {2}
    wanted = {"success_ever", "success_end", "return", "odds_examples", "odds_heldout", "mean_w", "max_w", "saturated",
              "residual", "twin_disagreement", "entropy", "critic_loss", "seconds"}  # fmt: skip
    assert wanted <= set(run.history)
    assert np.isfinite(list(run.history.values())).all()


def test_examples_are_shared_out_by_the_seed():
    run = run_of(seeds=(1, 2), held_out=0.2)
    for learned, apart in zip(run.learner.examples, run.held_out, strict=True):
        assert (len(learned), len(apart)) == (24, 6)
        assert sorted(map(tuple, [*learned, *apart])) == sorted(map(tuple, EXAMPLES))
    assert (run.held_out[0] != run.held_out[1]).any()
    assert (run_of(seeds=(2,), held_out=0.2).held_out[0] == run.held_out[1]).all()
    single = run_of(examples=EXAMPLES[:1], held_out=0.9)
    assert (len(single.learner.examples[0]), len(single.held_out[0])) == (1, 0)
    assert len(run_of(held_out=0.0).held_out[0]) == 0


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_numbers_that_break_are_an_error_that_says_when():
    run = run_of()
    step_to(run, 80)
    run.learner.critics.flat[...] = np.nan
    with pytest.raises(ProbatumError, match=r"step 8\d"):
        step_to(run, QUICK.steps)


def test_moments_are_those_of_examples_and_all_frames():
    run = run_of(rce.objective(), several_rooms, seeds=(1, 2))
    step_to(run, 51)
    for member in range(2):
        frames = [run.replay.since(3 * member + lane, 0)[: run._taken[3 * member + lane]] for lane in range(3)]
        rows = np.concatenate([run.learner.examples[member], *frames]).astype(np.float64)
        assert run.learner.moments.mean[member] == pytest.approx(rows.mean(axis=0))
        assert run.learner.moments.count[member] == len(rows)
    assert run._taken.tolist() == run.replay.frames.tolist()


@pytest.mark.parametrize("env_fn", [PointRoom, choosing_room])
def test_policies_act_and_foresee_as_the_learner_does(env_fn):
    run = run_of(env_fn=env_fn, seeds=(1, 2))
    step_to(run, 100)
    seen = np.random.default_rng(0).normal(size=(2, 40, 2)).astype(np.float32)
    best = run.learner.act(seen, explore=False)
    logits = run.learner.values(seen, best)
    for member, policy in enumerate(trained_policies(run, environment={})):
        assert policy.actor.greedy(seen[member]) == pytest.approx(best[member], abs=1e-6)
        assert policy.critic.logits(seen[member], best[member]) == pytest.approx(logits[member], abs=1e-5)
        assert policy.score(seen[member]) == pytest.approx(logits[member].min(axis=0), abs=1e-5)
        assert policy.seed == member + 1
    before = policy.actor.weights[0][0].copy()
    step_to(run, QUICK.steps)
    assert (policy.actor.weights[0][0] == before).all()  # a policy is a copy, whatever the run does next
