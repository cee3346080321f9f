"""Ours: what explains that smallest perturbations of float32 do not fool Ax-FPM: gain, other weights, margins."""

from axmac.model.study.explaining import Explanation

__all__ = ["STUDY"]

STUDY = Explanation("What explains that smallest perturbations of float32 do not fool Ax-FPM (LeNet-5)", "ax_fpm")
