"""The example's infrastructure: it only wires constructs together, once an environment."""
