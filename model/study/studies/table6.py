"""Table 6 of the Ax-FPM paper (Guesmi et al., ASPLOS 2021): accuracy of LeNet-5 and AlexNet by arithmetic.

Ax-FPM in all layers and HEAP-like are rows of ours. The paper's bfloat16 networks are bfloat16 throughout; ours have
bfloat16 operands and products in all layers, and sums of float32.
"""

from axmac.model.study.accuracy_table import AccuracyTable, Entry

__all__ = ["STUDY"]

_LENET, _ALEXNET = ("lenet5", "lenet5"), ("alexnet", "alexnet_s")

STUDY = AccuracyTable(
    title="Table 6: accuracy by arithmetic",
    entries=(
        Entry("float32", _LENET, paper=97.93),
        Entry("Ax-FPM", _LENET, "ax_fpm", "conv", paper=97.67),
        Entry("Ax-FPM, all layers", _LENET, "ax_fpm", "all"),
        Entry("HEAP-like", _LENET, "heap", "conv"),
        Entry("bfloat16", _LENET, "bf16_booth", "all", paper=97.93),
        Entry("float32", _ALEXNET, paper=81),
        Entry("Ax-FPM", _ALEXNET, "ax_fpm", "conv", paper=80),
        Entry("Ax-FPM, all layers", _ALEXNET, "ax_fpm", "all"),
        Entry("HEAP-like", _ALEXNET, "heap", "conv"),
        Entry("bfloat16", _ALEXNET, "bf16_booth", "all", paper=81),
        Entry("4-bit, full", ("dq_full", "dq_full_s"), paper=80),
        Entry("4-bit, weights", ("dq_weights", "dq_weights_s"), paper=80),
    ),
)
