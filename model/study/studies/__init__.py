"""Studies by name. To add one, add a module with TITLE, PAPER, ``plan(setting)`` and ``rows(setting, results)``."""
