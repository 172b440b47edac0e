"""Ways to write features into a quantum state, one a file."""
