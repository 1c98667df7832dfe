"""The same run on a Dask cluster of two processes: who worked, what they measured, and what a killed worker costs."""

import pytest
from claim_samples import make_claim
from test_run_trials import FATAL

from probatum.claims.ledger import Ledger
from probatum.claims.run import run
from probatum.claims.standing import standing
from probatum.errors import ProbatumError

pytestmark = pytest.mark.xdist_group("cluster")  # one cluster for all of them

CLAIM = make_claim(parameters={"shift": 10.0, "wait": 0.05}, seeds=12)


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0") as found:
        yield found


def go(place, claim, cluster):
    return run([claim], place.ledger, experiments=place.experiments, cluster=cluster.scheduler_address)


def test_both_workers_measure_what_one_process_would(place, cluster):
    report = go(place, CLAIM, cluster)
    addresses = {worker.worker_address for worker in cluster.workers.values()}
    assert {trial.worker for trial in report.measured} == addresses
    assert len(addresses) == 2
    local = run([CLAIM], Ledger(place.ledger.folder / "local"), experiments=place.experiments)
    assert {trial.key: trial.metrics for trial in report.measured} == {
        trial.key: trial.metrics for trial in local.measured
    }
    again = go(place, CLAIM, cluster)
    assert (again.measured, again.kept) == ((), 12)


def test_a_killed_worker_loses_nothing(place, cluster, tmp_path):
    place.write("fatal", FATAL)
    claim = make_claim(experiment="fatal", parameters={"marker": str(tmp_path / "marker")}, seeds=12)
    report = go(place, claim, cluster)
    assert (tmp_path / "marker").exists()
    assert sorted(trial.seed for trial in report.measured) == list(range(12))
    assert standing([claim], place.ledger, experiments=place.experiments)[claim.name].state == "supported"


def test_no_cluster_there(place):
    pytest.importorskip("distributed")
    with pytest.raises(ProbatumError, match=r"no Dask scheduler at 'nowhere'.*tcp://HOST:8786"):
        run([CLAIM], place.ledger, experiments=place.experiments, cluster="nowhere")
