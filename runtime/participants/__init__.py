"""The example's participants: three services that take part in a trip, and one that tells the customer how it ended."""
