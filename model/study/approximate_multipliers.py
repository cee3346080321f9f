"""What the studies of one paper share: Askarizadeh et al., Exploring DNN Robustness Against Adversarial Attacks Using
Approximate Multipliers (2024).

It quantises trained networks to 8 bits and replaces the exact products of all layers, or of the convolutions, by those
of seven units. Text and constants of its scaleTRIM are not public: ours is a reconstruction.
"""

__all__ = ["LENET5", "UNITS"]

LENET5 = "lenet5_fc3"
"""Its LeNet-5: two convolutions, three linear layers, 44 K parameters (its table I)."""

UNITS = {
    "ACC": "s8_exact",
    "DR3": "s8_drum_k3",
    "DR4": "s8_drum_k4",
    "sT(3,0)": "s8_scaletrim_h3_m0",
    "sT(4,0)": "s8_scaletrim_h4_m0",
    "sT(4,4)": "s8_scaletrim_h4_m4",
    "sT(4,8)": "s8_scaletrim_h4_m8",
}
"""The columns of its table III."""
