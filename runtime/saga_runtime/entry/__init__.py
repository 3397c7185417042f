"""The two ways in: a state machine's direct call, and a queue's batch."""
