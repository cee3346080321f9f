"""Table 3 of the Ax-FPM paper (Guesmi et al., ASPLOS 2021): eight attacks on AlexNet for CIFAR-10, shown to Ax-FPM."""

from axmac.model.study.attack_table import AttackTable

__all__ = ["STUDY"]

STUDY = AttackTable(
    title="Table 3: attacks on AlexNet, crafted on float32, shown to Ax-FPM",
    net=("alexnet", "alexnet_s"),
    quantised=("dq_full", "dq_full_s"),
    unit="ax_fpm",
    paper={"fgsm": 38, "pgd": 31, "jsma": 32, "cw": 17, "deepfool": 35, "lsa": 36, "boundary": 37, "hopskipjump": 12},
    budgets=(2 / 255, 4 / 255, 8 / 255),
    seeds=((0, 1, 2), (0, 1)),
)
