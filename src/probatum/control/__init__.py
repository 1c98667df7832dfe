"""Learning a policy from examples of success, with no reward."""

from __future__ import annotations

from probatum.control.calibration import Calibration, calibrate
from probatum.control.compare_methods import MethodsCompared, compare_methods
from probatum.control.environments.make_environment import EnvironmentSpec, environment_from
from probatum.control.example_check import ExampleCheck, check_examples
from probatum.control.examples.collecting import collect_examples
from probatum.control.examples.reading import read_examples
from probatum.control.examples.writing import write_examples
from probatum.control.learned_policy import LearnedPolicy, load_policy
from probatum.control.methods.dac import dac
from probatum.control.methods.oril import oril
from probatum.control.methods.purl import purl
from probatum.control.methods.rce import rce
from probatum.control.methods.sparse_reward import sparse_reward
from probatum.control.methods.sqil import sqil
from probatum.control.methods.sqil_squared import sqil_squared
from probatum.control.methods.two_stage import two_stage
from probatum.control.methods.vice import vice
from probatum.control.policies_by_seed import PoliciesBySeed, policies_by_seed
from probatum.control.rollouts import Rollouts, play
from probatum.control.settings import Training

__all__ = [
    "Calibration",
    "EnvironmentSpec",
    "ExampleCheck",
    "LearnedPolicy",
    "MethodsCompared",
    "PoliciesBySeed",
    "Rollouts",
    "Training",
    "calibrate",
    "check_examples",
    "collect_examples",
    "compare_methods",
    "dac",
    "environment_from",
    "load_policy",
    "oril",
    "play",
    "policies_by_seed",
    "purl",
    "rce",
    "read_examples",
    "sparse_reward",
    "sqil",
    "sqil_squared",
    "two_stage",
    "vice",
    "write_examples",
]
