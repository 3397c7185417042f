"""The wheels with the lowest and with the newest versions of what their metadata allows."""
