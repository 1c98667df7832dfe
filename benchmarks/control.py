"""What learning from examples costs: an update, a step of the whole loop, ten seeds at once. One run, one thread.

python benchmarks/control.py [--rounds 30] [--only updates loops seeds] [--without-meta-world]

All take turns, a few calls each, so that a busy machine slows all alike; ratios are taken within a round, and their
median is what counts. CPU time is that of the process; the floor is what the matrix products of an update would take
at the rate of a large one, measured between the rounds.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from control_floor import Rate, rce_multiply_adds, sac_multiply_adds
from control_material import LARGE, SMALL, IdleRoom, Size, examples, filled_replay, learner_of, training_of
from learning_seeds import trained
from sac_peer import MISSING, fill, sac_on, sac_version
from same_losses import UPDATES as COMPARED
from same_losses import largest_difference
from threadpoolctl import threadpool_limits

from probatum.control.environments.lanes import Lanes
from probatum.control.environments.make_environment import environment_from
from probatum.control.environments.point_room import success_states
from probatum.control.objectives.recursive_classification import RecursiveClassification
from probatum.control.training_run import TrainingRun

OURS, CAREFUL, PLAIN, JAX = "ours", "eager torch, with care", "eager torch, plain", "JAX, compiled"
SAC, SAC_AUTO = "SAC", "SAC, auto entropy"
A_BLOCK = 16
PARTS = ("updates", "loops", "seeds")
Several = Callable[[int], object]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=30)
    options.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    options.add_argument("--without-meta-world", action="store_true")
    given = options.parse_args()
    packages = ("numpy", "numba", "torch", "jax", "stable-baselines3", "gymnasium", "metaworld")
    print(f"Python {platform.python_version()}; " + ", ".join(f"{name} {_version(name)}" for name in packages))
    if sac_version() is None:
        print(f"Stable-Baselines3 is not installed, so its rows are left out: {MISSING}")
    with threadpool_limits(1):
        _one_torch_thread()
        if "updates" in given.only:
            for size in (LARGE, SMALL):
                updates(size, given.rounds)
        if "loops" in given.only:
            for size in (LARGE, SMALL):
                loops(size, given.rounds, meta_world=not given.without_meta_world)
        if "seeds" in given.only:
            for size in (SMALL, LARGE):
                ten_seeds(size)


def updates(size: Size, rounds: int) -> None:
    """Compare single updates, each with its own drawing of a batch."""
    rate, learner, replay = Rate(), learner_of(size), filled_replay()
    who = {OURS: _calls(lambda: learner.update(replay)), **_eager(size), **_jax(size)}
    if sac_version():
        for name, entropy in ((SAC, 1e-4), (SAC_AUTO, "auto")):
            model = sac_on(IdleRoom(), size, entropy=entropy)
            fill(model, replay)
            who[name] = _calls(lambda model=model: model.train(gradient_steps=1, batch_size=size.batch))
    rates: list[float] = []
    spent = interleaved(who, rounds, 0.1, between=lambda: rates.append(max(rate.measure().values())))
    print(f"\n### One update, {size}\n\nrates of products, GFLOP/s: {_rates(rate)}")
    if CAREFUL in who:
        apart = max(largest_difference(size).values())
        print(f"losses of ours and of eager torch, same draws: at most {apart:.0e} of them apart in {COMPARED} updates")
    print()
    floors = 2 * rce_multiply_adds(size) / np.array(rates)
    goals = {LARGE: {"floor": "at most 1.5"}, SMALL: {CAREFUL: "3", PLAIN: "3", SAC: "4"}}[size]
    print(
        "| who | CPU ms, least | median | wall ms, least | times ours (quartiles) | GFLOP | goal |\n" + "|---" * 7 + "|"
    )
    print(_row("floor", 1000 * floors, None, f"ours: {_ratio(spent[OURS][0], floors)}", rce_multiply_adds(size), goals))
    for name, (cpu, wall) in spent.items():
        work = sac_multiply_adds(size) if name in (SAC, SAC_AUTO) else rce_multiply_adds(size)
        print(_row(name, 1000 * cpu, 1000 * wall, _ratio(cpu, spent[OURS][0]), work, goals), flush=True)


def loops(size: Size, rounds: int, *, meta_world: bool) -> None:
    """Compare steps of the whole loop: act, step, store, draw, update."""
    rooms: dict[str, Any] = {"idle room": (IdleRoom, examples()[0])}
    rooms["PointRoom"] = environment_from("probatum/PointRoom-v0"), success_states(200)
    if meta_world:
        rooms["window-close-v3"] = environment_from("Meta-World/MT1", name="window-close-v3"), examples()[0]
    print(f"\n### One step of the loop, {size}\n")
    heads = "environment | alone, CPU ms | ours, least | median | SAC, least | median | SAC to ours (quartiles) | goal"
    print(f"| {heads} |\n" + "|---" * 8 + "|")
    for name, (env_fn, rows) in rooms.items():
        warmup = 200
        training = training_of(size, warmup=warmup)
        with closing(
            TrainingRun(env_fn, rows, objective=RecursiveClassification(n_step=10), training=training, seeds=(0,))
        ) as learning:
            alone = 1000 * _timed(_calls(lambda: _idle(learning.lanes[0])), 500)[0]
            for _ in range(warmup + 20):
                learning.step()
            who = {OURS: _calls(learning.step)}
            if sac_version():
                model = sac_on(env_fn(), size, warmup=warmup)
                model.learn(warmup + 20)
                who[SAC] = lambda many, model=model: model.learn(many, reset_num_timesteps=False)
            spent = interleaved(who, rounds, 0.2)
            print(_loop_row(name, alone, spent, {LARGE: "1.2", SMALL: "3"}[size]), flush=True)


def ten_seeds(size: Size, steps: int | None = None) -> None:
    """Compare ten seeds in one process with ten processes; the steps alone say what it comes to in long runs."""
    print(f"\n### Ten seeds, {size}\n")
    print("| | ten together, CPU ms, least | one | ten together to ten times one (quartiles) |\n" + "|---" * 4 + "|")
    for title, work_of in (("one update, observation 39", _updates_of), ("one step of the loop, PointRoom", _steps_of)):
        print(_many_row(title, work_of(size, range(10)), work_of(size, range(1))), flush=True)
    print()
    steps = steps or (3000 if size == SMALL else 1000)
    how = {"width": size.width, "batch": size.batch, "steps": steps}
    apart = [trained(range(seed, seed + 1), **how) for seed in range(5)]
    together = trained(range(10), **how)
    apart += [trained(range(seed, seed + 1), **how) for seed in range(5, 10)]
    cpu, training = sum(each.cpu for each in apart), sum(each.training for each in apart)
    same = all(together.policies[seed] == name for each in apart for seed, name in each.policies.items())
    print(f"| PointRoom, {steps} steps each | ten processes | one process | ratio | goal |\n" + "|---" * 5 + "|")
    print(f"| CPU s | {cpu:.1f} | {together.cpu:.1f} | {together.cpu / cpu:.2f} | under 0.5 |")
    row = f"{training:.1f} | {together.training:.1f} | {together.training / training:.2f}"
    print(f"| CPU s without start and imports | {row} | under 0.5 |")
    print(f"\nthe same policies, bit for bit: {'yes' if same else 'no'}")


def _many_row(title: str, ten: Several, one: Several) -> str:
    spent = interleaved({"ten": ten, "one": one}, 15, 0.2)
    ratio = _ratio(spent["ten"][0], 10 * spent["one"][0])
    return f"| {title} | {_least(spent['ten'])} | {_least(spent['one'])} | {ratio} |"


def _updates_of(size: Size, seeds: range) -> Several:
    learner, replay = learner_of(size, seeds), filled_replay(len(seeds), 5000)
    return _calls(lambda: learner.update(replay))


def _steps_of(size: Size, seeds: range) -> Several:
    room = environment_from("probatum/PointRoom-v0")
    objective, training = RecursiveClassification(n_step=10), training_of(size, warmup=200)
    learning = TrainingRun(room, success_states(200), objective=objective, training=training, seeds=seeds)
    for _ in range(200):
        learning.step()
    return _calls(learning.step)


def interleaved(
    who: Mapping[str, Several], rounds: int, seconds: float, *, between: Callable[[], object] = lambda: None
) -> dict[str, tuple[Any, Any]]:
    """Return CPU and wall seconds of a call, an array over rounds each; a block of calls takes about `seconds`.

    Calls come by the sixteen, as JAX takes them. The first blocks warm up and set the lengths of the others.
    """
    many = {}
    for name, work in who.items():
        work(A_BLOCK)
        many[name] = A_BLOCK * max(1, round(seconds / A_BLOCK / max(1e-6, _timed(work, A_BLOCK)[0])))
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in who}
    for _ in range(rounds):
        between()
        for name, work in who.items():
            spent[name].append(_timed(work, many[name]))
    return {name: (np.array(found)[:, 0], np.array(found)[:, 1]) for name, found in spent.items()}


def _calls(work: Callable[[], object]) -> Several:
    def several(many: int) -> None:
        for _ in range(many):
            work()

    return several


def _timed(work: Several, many: int) -> tuple[float, float]:
    wall, start = time.perf_counter(), time.process_time()
    work(many)
    return (time.process_time() - start) / many, (time.perf_counter() - wall) / many


def _eager(size: Size) -> dict[str, Several]:
    try:
        from eager_torch_rce import CarefulTorchRce, PlainTorchRce, TorchReplay
    except ImportError:
        print("torch is not installed, so its rows are left out: pip install torch")
        return {}
    learner = learner_of(size)
    replay = TorchReplay(filled_replay(), learner)
    both = {CAREFUL: CarefulTorchRce(size, learner, replay), PLAIN: PlainTorchRce(size, learner, replay)}
    return {name: _calls(one.update) for name, one in both.items()}


def _jax(size: Size) -> dict[str, Several]:
    try:
        from jax_rce import JaxRce
    except ImportError:
        print("JAX is not installed, so its row is left out: pip install jax")
        return {}
    return {JAX: JaxRce(size, learner_of(size), filled_replay()).updates}


def _one_torch_thread() -> None:
    try:
        import torch
    except ImportError:
        return
    torch.set_num_threads(1)


def _ratio(one: Any, other: Any) -> str:
    low, middle, high = np.quantile(one / other, (0.25, 0.5, 0.75))
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def _row(name: str, cpu: Any, wall: Any, ratio: str, work: int, goals: Mapping[str, str]) -> str:
    took = "" if wall is None else f"{wall.min():.2f}"
    cells = [name, f"{cpu.min():.2f}", f"{statistics.median(cpu):.2f}", took, ratio, f"{2e-9 * work:.3f}"]
    return "| " + " | ".join([*cells, goals.get(name, "")]) + " |"


def _idle(lanes: Lanes) -> None:
    lanes.step(np.zeros((lanes.count, lanes.spaces.action), np.float32))


def _loop_row(name: str, alone: float, spent: Mapping[str, tuple[Any, Any]], goal: str) -> str:
    cells = [name, f"{alone:.2f}"]
    for who in (OURS, SAC):
        cpu = spent[who][0] if who in spent else None
        cells += ["", ""] if cpu is None else [f"{1000 * cpu.min():.2f}", f"{1000 * np.median(cpu):.2f}"]
    cells.append(_ratio(spent[SAC][0], spent[OURS][0]) if SAC in spent else "")
    return "| " + " | ".join([*cells, goal]) + " |"


def _least(spent: tuple[Any, Any]) -> str:
    return f"{1000 * spent[0].min():.2f}"


def _rates(rate: Rate) -> str:
    return ", ".join(f"{name} {found / 1e9:.0f}" for name, found in rate.measure().items())


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "-"


if __name__ == "__main__":
    main()
