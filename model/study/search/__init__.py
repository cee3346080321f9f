"""The search for a unit for each layer: what an assignment is worth, the optimiser, and the choice."""

from axmac.model.study.search.measure import ACCURATE
from axmac.model.study.search.optimise import front, optimise
from axmac.model.study.search.plan import Search
from axmac.model.study.search.run import Space, explored, rows_of

__all__ = ["ACCURATE", "Search", "Space", "explored", "front", "optimise", "rows_of"]
