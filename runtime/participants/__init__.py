"""The example's participants: the services of trips and of an order, and one that tells customers how theirs ended."""
