"""Networks on approximate arithmetic: layers, conversion of torch modules, networks, data, training, evaluation."""

from axmac.model.nn import checkpoint, data, evaluate, networks, training
from axmac.model.nn.convert import approximate
from axmac.model.nn.layers import ApproxConv1d, ApproxConv2d, ApproxConv3d, ApproxLinear
from axmac.model.nn.quantise import quantize, reassign

__all__ = [
    "ApproxConv1d",
    "ApproxConv2d",
    "ApproxConv3d",
    "ApproxLinear",
    "approximate",
    "checkpoint",
    "data",
    "evaluate",
    "networks",
    "quantize",
    "reassign",
    "training",
]
