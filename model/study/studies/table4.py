"""Table 4 of the Ax-FPM paper (Guesmi et al., ASPLOS 2021): eight black-box attacks on LeNet-5, exact and Ax-FPM.

The paper says neither what its substitutes are nor how they learn: ours are those of Papernot et al. (2017).
"""

from axmac.model.study.black_box_table import BlackBoxTable

__all__ = ["STUDY"]

STUDY = BlackBoxTable(
    title="Table 4: black-box attacks on LeNet-5, crafted on substitutes of float32 and of Ax-FPM",
    net="lenet5",
    unit="ax_fpm",
    paper={
        "fgsm": (100, 22),
        "pgd": (100, 0),
        "jsma": (100, 13),
        "cw": (100, 0),
        "deepfool": (100, 25),
        "lsa": (100, 26),
        "boundary": (100, 27),
        "hopskipjump": (100, 0),
    },
    budgets=(0.1, 0.2, 0.3),
)
