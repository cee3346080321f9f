"""Table 2 of the Ax-FPM paper (Guesmi et al., ASPLOS 2021): eight attacks on LeNet-5, shown to Ax-FPM."""

from axmac.model.study.attack_table import AttackTable

__all__ = ["STUDY"]

STUDY = AttackTable(
    title="Table 2: attacks on LeNet-5, crafted on float32, shown to Ax-FPM",
    net=("lenet5", "lenet5"),
    quantised=("lenet5_dq", "lenet5_dq"),
    unit="ax_fpm",
    paper={"fgsm": 12, "pgd": 28, "jsma": 9, "cw": 1, "deepfool": 17, "lsa": 18, "boundary": 17, "hopskipjump": 2},
    budgets=(0.1, 0.2, 0.3),
    seeds=((0, 1, 2), (0, 1, 2)),
)
