import csv
import os
from pathlib import Path

import numpy as np
import pytest

from probatum.datasets.distill_banding import _layer, load_distill_banding

SHARED = Path(os.environ.get("PROBATUM_SHARED", Path(__file__).parents[3] / "shared" / "data"))


def test_eighteen_layers_of_five_networks():
    layers = load_distill_banding()
    assert len({layer.name for layer in layers}) == len(layers) == 18
    assert {layer.network for layer in layers} == {"Simplified", "InceptionV1", "ResNet50", "VGG19", "AlexNet"}
    for layer in layers:
        assert layer.name.startswith(f"{layer.network.lower()}_{layer.run}")
        assert layer.pictures.dtype == np.uint8
        assert layer.pictures.shape[1] == 3
        assert layer.pictures.shape[2] == layer.pictures.shape[3] in {3, 5}
        assert (layer.seen == "vertical") == (layer.run == "rotated")
    assert sum(layer.seen != "none" for layer in layers) == 13


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"the collected data are not here ({SHARED})")
def test_shipped_pictures_are_those_collected_from_the_article():
    layers = {layer.layer + layer.network + layer.run: layer for layer in load_distill_banding()}
    with (
        (SHARED / "distill_banding_layers.csv").open() as table,
        np.load(SHARED / "distill_banding_images.npz") as pictures,
    ):
        words = {
            "modelzoo": "published",
            "90deg": "rotated",
            "fc-only": "fc",
            "x-avgpool": "x_pool",
            "Base": "baseline",
        }
        for row in csv.DictReader(table):
            network, _, run = row["network"].replace(" - ", "-").partition("-")
            shipped = layers[row["layer"] + network + words.get(run, run)]
            assert (shipped.pictures.transpose(0, 2, 3, 1) == pictures[row["key"]]).all()


def test_a_picture_of_another_size_is_named():
    row = {"key": "layer00", "name": "alexnet_published", "units": "256", "kernel": "3"}
    with pytest.raises(ValueError, match=r"layer00 \(alexnet_published\) is uint8 of shape \(256, 5, 5, 3\)"):
        _layer(row, np.zeros((256, 5, 5, 3), np.uint8))
