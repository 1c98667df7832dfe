"""Experiments: one file each, a function of the same name that takes a seed and returns named numbers."""
