"""QUANOS: hybrid quantisation by adversarial noise sensitivity (Panda, ISLPED 2020)."""
