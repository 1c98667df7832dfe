"""From a model's operations to its layered graph of units: steps in a neutral form, and the walk over them."""
