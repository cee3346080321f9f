"""Attacks by name. To add one, add a module with NORM and ``perturb(module, images, labels, eps)``."""
