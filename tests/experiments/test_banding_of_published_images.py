import pytest

from probatum.artifacts import collecting
from probatum.experiments.banding_of_published_images import banding_of_published_images

# B of every layer, measured once from the article's pictures by other code.
SCORES = {
    "alexnet_published": 0.338,
    "inceptionv1_rotated": -0.618,
    "inceptionv1_baseline": 0.621,
    "inceptionv1_fc": 0.375,
    "inceptionv1_published": 0.937,
    "resnet50_rotated": -0.827,
    "resnet50_baseline": 0.844,
    "resnet50_fc": 0.522,
    "resnet50_published": 0.789,
    "simplified_rotated": -0.950,
    "simplified_baseline": 0.949,
    "simplified_fc": 0.106,
    "simplified_x_pool_5a": 0.871,
    "simplified_x_pool_5b": 0.356,
    "vgg19_rotated": -0.748,
    "vgg19_baseline": 0.726,
    "vgg19_fc": 0.715,
    "vgg19_published": 0.850,
}
INTERVALS = {  # 95 % bootstrap intervals measured by that code
    "alexnet_published": (0.289, 0.386),
    "inceptionv1_baseline": (0.593, 0.649),
    "inceptionv1_fc": (0.324, 0.430),
    "inceptionv1_published": (0.907, 0.959),
    "resnet50_fc": (0.492, 0.552),
}


@pytest.fixture(scope="module")
def metrics():
    return banding_of_published_images(seed=0)


def test_scores_and_intervals(metrics):
    for name, b in SCORES.items():
        assert metrics[f"b_{name}"] == pytest.approx(b, abs=0.001), name
    for name, interval in INTERVALS.items():
        assert (metrics[f"low_{name}"], metrics[f"high_{name}"]) == pytest.approx(interval, abs=0.01), name


def test_the_class_is_what_the_authors_see_in_all_eighteen(metrics):
    assert (metrics["layers"], metrics["agree"]) == (18, 18)
    banded = sorted(name for name in SCORES if metrics[f"class_{name}"])
    assert len(banded) == 13
    assert {name for name in SCORES if metrics[f"class_{name}"] < 0} == {name for name in SCORES if "rotated" in name}


def test_one_network_gives_the_same_numbers_and_a_picture(metrics):
    with collecting() as artifacts:
        alone = banding_of_published_images(seed=0, network="AlexNet")
    assert alone == {key: value for key, value in metrics.items() if "alexnet" in key} | {"layers": 1, "agree": 1}
    assert b"AlexNet, published: B = +0.34" in artifacts["pictures.svg"]


def test_seed_moves_only_interval_and_p(metrics):
    other = banding_of_published_images(seed=1, network="AlexNet")
    assert other["b_alexnet_published"] == metrics["b_alexnet_published"]
    assert other["low_alexnet_published"] != metrics["low_alexnet_published"]


def test_unknown_network():
    with pytest.raises(ValueError, match=r"network 'ResNet': give all or one of AlexNet, .*VGG19"):
        banding_of_published_images(seed=0, network="ResNet")
