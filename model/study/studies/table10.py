"""Table 10 of the Ax-FPM paper (Guesmi et al., ASPLOS 2021): eight attacks on LeNet-5, shown to HEAP.

The paper's HEAP multiplier is not public: ours is "HEAP-like", an array with its published statistics.
"""

from dataclasses import replace

from axmac.model.study.studies.table2 import STUDY as TABLE_2

__all__ = ["STUDY"]

STUDY = replace(
    TABLE_2,
    title="Table 10: attacks on LeNet-5, crafted on float32, shown to HEAP-like arithmetic",
    unit="heap",
    paper={"fgsm": 16, "pgd": 30, "jsma": 42, "cw": 6, "deepfool": 18, "lsa": 41, "boundary": 22, "hopskipjump": 4},
)
