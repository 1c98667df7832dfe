"""The small networks that are trained and measured here."""

from __future__ import annotations

from probatum.networks.banding_cnn import banding_cnn, convolution_weights
from probatum.networks.training import Recipe, train

__all__ = ["Recipe", "banding_cnn", "convolution_weights", "train"]
