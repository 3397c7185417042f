"""One file a command: ``status.py`` defines the function ``status``, and that is all there is to adding one."""
