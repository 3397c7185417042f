"""Programs on their own, so that their start can be measured and nothing is left of the last one."""
