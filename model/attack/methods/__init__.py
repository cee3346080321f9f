"""Attacks by name. To add one, add a module with

* ``NORM`` ("linf", "l2", "l1" or "l0") and ``TARGETED`` (bool: it can also aim at a class);
* ``Settings``, a frozen dataclass with published values as defaults, and ``QUICK``, settings with fewer steps;
* ``budget(victim, images, goal, eps, settings)``, ``minimal(victim, images, goal, settings)``, or both.

Both take float32 images [n, C, H, W] in [0, 1] and return as many: within ``eps`` of them, or as near as the attack
finds one that reaches the goal. None has reached its goal yet, but where ``budget`` is asked to move every image.
Random numbers come from torch's generator.
"""
