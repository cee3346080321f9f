"""Table 8 of the Ax-FPM paper (Guesmi et al., ASPLOS 2021): accuracy of LeNet-5 and the errors of its multipliers.

The paper defines MRED as the mean of relative errors; its values fit the mean error over the mean exact product. The
paper's HEAP multiplier is not public: ours is "HEAP-like", an array matched to its published statistics, errors too.
"""

from axmac.model.study.accuracy_table import AccuracyTable, Entry

__all__ = ["STUDY"]

_LENET = ("lenet5", "lenet5")

STUDY = AccuracyTable(
    title="Table 8: accuracy of LeNet-5 and errors of its multipliers",
    entries=(
        Entry("exact", _LENET, paper=97.93, paper_errors=(0, 0)),
        Entry("HEAP-like", _LENET, "heap", "conv", paper=97.86, paper_errors=(0.12, 0.03)),
        Entry("Ax-FPM", _LENET, "ax_fpm", "conv", paper=97.67, paper_errors=(0.33, 0.08)),
    ),
)
