"""The numbers of learning: networks, their gradients, memories and states, in plain numpy."""
