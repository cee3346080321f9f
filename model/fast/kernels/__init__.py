"""The kernels: each multiplies element by element, and computes rows of a matrix product, both on the calling thread.

``base`` says what a kernel offers; ``axmac.model.fast.select`` chooses the one of a unit.
"""

from axmac.model.fast.kernels.base import Kernel, Places
from axmac.model.fast.kernels.closed import ClosedForm
from axmac.model.fast.kernels.native import Native
from axmac.model.fast.kernels.reference import Golden
from axmac.model.fast.kernels.sliced import Sliced
from axmac.model.fast.kernels.tabulated import Tabulated

__all__ = ["ClosedForm", "Golden", "Kernel", "Native", "Places", "Sliced", "Tabulated"]
