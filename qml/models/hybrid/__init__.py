"""Models with trained classical layers around a quantum circuit, one a file."""
