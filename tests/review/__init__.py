"""What a change does to the templates and pictures, as one comment on its pull request."""
