"""Crippled copies of the quantum models, made to find out what helped; one a file."""
