"""The classical pool; importing a module registers its model."""
