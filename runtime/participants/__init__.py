"""The example's participants: the services of a trip and of an order, and one that tells customers how theirs ended."""
