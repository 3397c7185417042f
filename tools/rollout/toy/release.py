"""Which release of the code this is; the rollout writes this file anew for each one."""

RELEASE = "0"
