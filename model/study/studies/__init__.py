"""Studies by name. To add one, add a module with STUDY: title, net, seeds, folder, ``plan`` and ``rows``."""
