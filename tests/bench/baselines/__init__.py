"""What people write by hand, as the documentation of its parts shows it."""
