"""The cocotb bench of the products of a precision-scalable MAC, started by `axmac.sim.scalable_products`."""

import cocotb
import numpy as np
from cocotb.handle import HierarchyObject
from cocotb.triggers import Timer

from axmac.model.golden.scalable import product_words
from axmac.model.spec import parse_scalable_id
from axmac.sim.pins import read_settings, write
from axmac.sim.scalable_products import COPIES
from axmac.sim.scalable_stimulus import product_operands
from axmac.sim.wide_ports import port_values, words_of

__all__ = ["products"]


@cocotb.test()
async def products(dut: HierarchyObject) -> None:
    """All modes and signs, each with its operands."""
    settings = read_settings()
    spec, step = parse_scalable_id(settings["mac"]), Timer(1, "ns")
    figures = {"compared": 0, "mismatches": 0, "exhaustive": 0, "first": ""}
    for k in settings["precisions"]:
        for signed in (False, True):
            a, b, exhaustive = product_operands(spec, k, settings["n"], settings["seed"] + signed)
            if len(spec.precisions) > 1:
                dut.mode.value = spec.mode_of(k)
            dut.a_signed.value, texts = int(signed), []
            for values in zip(port_values(a, spec.width, COPIES), port_values(b, spec.width, COPIES), strict=True):
                dut.a.value, dut.b.value = values
                await step
                texts.append(str(dut.product.value))
            actual = words_of(texts, 2 * spec.width, COPIES, spec.id)[: len(a)]
            golden = product_words(spec, k, a, b, a_signed=signed)
            wrong = np.flatnonzero(actual != golden)
            figures["compared"] += len(a)
            figures["mismatches"] += len(wrong)
            figures["exhaustive"] += exhaustive
            if len(wrong) and not figures["first"]:
                w = wrong[0]
                figures["first"] = (
                    f"{spec.id}, {k} bits, {'signed' if signed else 'unsigned'}: a=0x{a[w]:04x} b=0x{b[w]:04x} "
                    f"golden=0x{golden[w]:08x} dut=0x{actual[w]:08x}"
                )
    write(settings, "products", figures)
