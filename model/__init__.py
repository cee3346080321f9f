"""Numbers: what a unit is, computes, and does to a network."""
