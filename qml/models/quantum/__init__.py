"""Quantum models, one a file."""
