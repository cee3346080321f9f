"""Studies: published tables and figures reproduced, and searches."""
