"""A Liberty library of five gates and, where wanted, a register and a clock gate: tests know every number in it."""

import os
from pathlib import Path

__all__ = ["CAPACITANCE", "ENERGY", "LEAKAGE", "VOLTAGE", "liberty_of_choice", "small_liberty"]

VOLTAGE = 2.0
CAPACITANCE = {"inv": 3.0, "buf": 2.0, "nand2": 4.0, "nor2": 5.0, "xor2": 6.0}
"""fF of every input pin."""
ENERGY = {"inv": (0.0, 0.0), "buf": (0.0, 0.0), "nand2": (0.03, 0.05), "nor2": (0.01, 0.03), "xor2": (0.02, 0.02)}
"""Internal energy of a rise and of a fall of the output, pJ."""
LEAKAGE = {"inv": 5.0, "buf": 6.0, "nand2": 7.0, "nor2": 8.0, "xor2": 9.0}
"""nW."""
DELAY = {"inv": 0.1, "buf": 0.15, "nand2": 0.2, "nor2": 0.25, "xor2": 0.3}
"""ns."""
FUNCTION = {"inv": "!a", "buf": "a", "nand2": "!(a & b)", "nor2": "!(a | b)", "xor2": "(a ^ b)"}
AREA = {"inv": 1, "buf": 1, "nand2": 2, "nor2": 2, "xor2": 4}
SENSE = {"buf": "positive_unate", "xor2": "non_unate"}

_HEAD = """\
/* five gates */
library (five) {
  delay_model : table_lookup;
  time_unit : "1ns"; voltage_unit : "1V"; current_unit : "1mA"; leakage_power_unit : "1nW";
  pulling_resistance_unit : "1kohm"; capacitive_load_unit (1, pf);
  nom_process : 1; nom_voltage : 2; nom_temperature : 25;
  input_threshold_pct_rise : 50; input_threshold_pct_fall : 50;
  output_threshold_pct_rise : 50; output_threshold_pct_fall : 50;
  slew_lower_threshold_pct_rise : 20; slew_lower_threshold_pct_fall : 20;
  slew_upper_threshold_pct_rise : 80; slew_upper_threshold_pct_fall : 80;
  default_max_transition : 1.5;
  operating_conditions (typical) { process : 1; voltage : 2; temperature : 25; }
  default_operating_conditions : typical;
  lu_table_template (delay) { variable_1 : input_net_transition; variable_2 : total_output_net_capacitance;
    index_1 ("0.01, 1"); index_2 ("0.001, 0.1"); }
"""


_DFF = """  cell (dff) { area : 8; cell_leakage_power : 10;
    ff (IQ, IQN) { clocked_on : "clk"; next_state : "d"; }
    pin (d) { direction : input; capacitance : 0.002;
      timing () { related_pin : "clk"; timing_type : setup_rising;
        rise_constraint (scalar) { values ("0.05"); } fall_constraint (scalar) { values ("0.05"); } } }
    pin (clk) { direction : input; clock : true; capacitance : 0.001;
      internal_power () { rise_power (scalar) { values ("0.04"); } fall_power (scalar) { values ("0.02"); } } }
    pin (q) { direction : output; function : "IQ"; max_capacitance : 10;
      timing () { related_pin : "clk"; timing_type : rising_edge;
        cell_rise (delay) { values ("0.4, 0.4", "0.4, 0.4"); } cell_fall (delay) { values ("0.4, 0.4", "0.4, 0.4"); }
        rise_transition (delay) { values ("0.01, 0.01", "0.01, 0.01"); }
        fall_transition (delay) { values ("0.01, 0.01", "0.01, 0.01"); } } }
  }
"""
"""A register: .4 ns from clock to output, .05 ns of set-up, .03 pJ at a change of the clock."""


_ICG = """  cell (icg) { area : 6; cell_leakage_power : 9; clock_gating_integrated_cell : "latch_posedge";
    statetable ("clk en", "m") { table : "L L : - : L, L H : - : H, H - : - : N"; }
    pin (m) { direction : internal; internal_node : "m"; }
    pin (en) { direction : input; capacitance : 0.002; clock_gate_enable_pin : true; }
    pin (clk) { direction : input; capacitance : 0.001; clock : true; clock_gate_clock_pin : true;
      internal_power () { rise_power (scalar) { values ("0.01"); } fall_power (scalar) { values ("0.01"); } } }
    pin (gclk) { direction : output; clock_gate_out_pin : true; state_function : "(clk m)"; max_capacitance : 10;
      timing () { related_pin : "clk"; timing_type : combinational; timing_sense : positive_unate;
        cell_rise (delay) { values ("0.1, 0.1", "0.1, 0.1"); } cell_fall (delay) { values ("0.1, 0.1", "0.1, 0.1"); }
        rise_transition (delay) { values ("0.01, 0.01", "0.01, 0.01"); }
        fall_transition (delay) { values ("0.01, 0.01", "0.01, 0.01"); } } }
  }
"""
"""A clock gate: its output follows the clock where ``en`` was 1 before the rising edge."""


def _cell(name: str) -> str:
    pins = ["a"] if name in ("inv", "buf") else ["a", "b"]
    inputs = "".join(
        f"    pin ({pin}) {{ direction : input; capacitance : {CAPACITANCE[name] / 1000}; }}\n" for pin in pins
    )
    flat = ", ".join([f'"{DELAY[name]}, {DELAY[name]}"'] * 2)
    slew = ", ".join(['"0.01, 0.01"'] * 2)
    arcs = "".join(
        f"""      timing () {{ related_pin : "{pin}"; timing_sense : {SENSE.get(name, "negative_unate")};
        cell_rise (delay) {{ values ({flat}); }} cell_fall (delay) {{ values ({flat}); }}
        rise_transition (delay) {{ values ({slew}); }} fall_transition (delay) {{ values ({slew}); }} }}
      internal_power () {{ related_pin : "{pin}";
        rise_power (scalar) {{ values ("{ENERGY[name][0]}"); }}
        fall_power (scalar) {{ values ("{ENERGY[name][1]}"); }} }}
"""
        for pin in pins
    )
    return f"""  cell ({name}) {{ area : {AREA[name]}; cell_leakage_power : {LEAKAGE[name]};
{inputs}    pin (y) {{ direction : output; function : "{FUNCTION[name]}"; max_capacitance : 10;
{arcs}    }}
  }}
"""


def small_liberty(
    folder: Path, without: tuple[str, ...] = (), *, register: bool = False, clock_gate: bool = False
) -> Path:
    """Writes the library, without some of its cells, with a register and with a clock gate where wanted."""
    path = folder / "five.lib"
    cells = [_cell(name) for name in FUNCTION if name not in without] + [_DFF] * register + [_ICG] * clock_gate
    path.write_text(_HEAD + "".join(cells) + "}\n", encoding="utf-8")
    return path


def liberty_of_choice(folder: Path) -> Path:
    """The library of AXMAC_LIBERTY, else one beside the checkout, else the small one."""
    named = os.environ.get("AXMAC_LIBERTY")
    beside = sorted((Path(__file__).resolve().parents[2] / "shared" / "pdk").glob("*.lib*"))
    return Path(named) if named else beside[0] if beside else small_liberty(folder)
