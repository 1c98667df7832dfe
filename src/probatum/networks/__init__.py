"""Anybody's network as a layered graph of units, and the small networks that are trained and measured here."""

from __future__ import annotations

from probatum.networks.activation_edges import correlation_graph, jacobian_graph
from probatum.networks.activations import lesioned_outputs, unit_activations
from probatum.networks.banding_cnn import banding_cnn, convolution_weights
from probatum.networks.banding_heads import headed_cnn
from probatum.networks.branches import Branching, branches
from probatum.networks.classifier_training import ClassifierRecipe, train_and_prune
from probatum.networks.clusterable_initialization import make_clusterable
from probatum.networks.from_arrays import graph_from_arrays
from probatum.networks.from_onnx import graph_from_onnx
from probatum.networks.from_sklearn import graph_from_sklearn
from probatum.networks.from_torch import graph_from_torch
from probatum.networks.layered_graph import Block, Concatenation, Layer, LayeredGraph
from probatum.networks.load_network import LoadedNetwork, load_network
from probatum.networks.mlp import mlp
from probatum.networks.pruning import PruningSchedule
from probatum.networks.rescaling import rescaled
from probatum.networks.small_cnn import small_cnn
from probatum.networks.squeezenet import squeezenet11
from probatum.networks.training import Recipe, train
from probatum.networks.two_branch_cnn import two_branch_cnn

__all__ = [
    "Block",
    "Branching",
    "ClassifierRecipe",
    "Concatenation",
    "Layer",
    "LayeredGraph",
    "LoadedNetwork",
    "PruningSchedule",
    "Recipe",
    "banding_cnn",
    "branches",
    "convolution_weights",
    "correlation_graph",
    "graph_from_arrays",
    "graph_from_onnx",
    "graph_from_sklearn",
    "graph_from_torch",
    "headed_cnn",
    "jacobian_graph",
    "lesioned_outputs",
    "load_network",
    "make_clusterable",
    "mlp",
    "rescaled",
    "small_cnn",
    "squeezenet11",
    "train",
    "train_and_prune",
    "two_branch_cnn",
    "unit_activations",
]
