"""Trainable circuits in layers, one a file."""
