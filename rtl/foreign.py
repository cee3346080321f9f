"""The module of an imported unit under the port names of this project."""

from amaranth.hdl import Instance, Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from axmac.model.spec import ImportedProduct, InputError, IntMul

__all__ = ["ForeignProduct"]


class ForeignProduct(wiring.Component):
    """An instance of the module that was imported. It stands in the emitted Verilog only: no simulation of Amaranth.

    Ports: ``a`` (activation), ``b`` (weight) in, ``p`` out, patterns of the unit's formats. Combinational.
    ``product`` is the imported product, whose ``verilog`` must follow the module. Raises ``InputError`` where the
    unit's folder is missing or was changed, or holds a unit of another format.
    """

    def __init__(self, spec: IntMul) -> None:
        self.product: ImportedProduct = spec.product
        self._record = spec.product.record
        if self._record.format != spec.format:
            raise InputError(
                f"{self._record.name} was imported as {self._record.format.name}, not as {spec.format.name}"
            )
        super().__init__({"a": In(spec.format.width), "b": In(spec.format.width), "p": Out(spec.result_format.width)})

    def elaborate(self, _platform: object) -> Module:
        """Connect the ports by their foreign names."""
        m = Module()
        a, b, p = self._record.ports
        connected = {f"i_{a}": self.a, f"i_{b}": self.b, f"o_{p}": self.p}
        m.submodules.foreign = Instance(self._record.top, **connected)
        return m
