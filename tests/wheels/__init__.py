"""What an app of its own installs of this repository: the wheels, by path and hash."""
