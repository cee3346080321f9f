"""The significand product of the C model: tiles of full-adder cells by truth tables, Booth digits, or one ``*``."""

from string import Template

from axmac.model.spec import ArraySig, BoothSig, FullAdder, PlainSig

__all__ = ["significand_text"]

_PLAIN = """
static uint64_t significand_product(uint32_t activation, uint32_t weight)
{
    return (uint64_t)activation * weight;
}
"""

_BOOTH = """
// Radix-4 Booth digits of the weight, -2 to 2, with the extra digit that an unsigned weight needs.
static uint64_t significand_product(uint32_t activation, uint32_t weight)
{
    int64_t product = 0;
    int k;

    for (k = 0; k <= SIG_WIDTH / 2; k++) {
        const int bits = (int)((uint64_t)weight << 1 >> 2 * k & 7); // 2k+1, 2k, 2k-1
        const int digit = (bits + 1) / 2 - (bits & 4);

        product += digit * (int64_t)activation * (INT64_C(1) << 2 * k);
    }
    return (uint64_t)product;
}
"""

_CELLS = """
// Truth tables of the cells; row 4 * A + 2 * B + Cin.
static const struct {
    unsigned char sum[8], cout[8];
} CELLS[] = {
${cells}
};

// The cell of each position, the first one where none is given.
static const unsigned char CELL_AT[TILE][TILE] = {
    ${cell_map}
};

static void full_adder(int row, int column, unsigned pp, unsigned sum_in, unsigned carry_in,
                       unsigned *sum, unsigned *cout)
{
    const unsigned inputs = 4 * ${port_a} + 2 * ${port_b} + ${port_cin};

    *sum = CELLS[CELL_AT[row][column]].sum[inputs];
    *cout = CELLS[CELL_AT[row][column]].cout[inputs];
}
"""

_ARRAY_TILE = """
// Ripple-carry rows. pp[row][column] is bit `row` of `rows` AND bit `column` of `columns`; absent inputs are 0.
static uint64_t tile_product(unsigned rows, unsigned columns)
{
    unsigned sum[TILE], carry = 0; // of the last row that was computed
    uint64_t product;
    int row, column;

    for (column = 0; column < TILE; column++)
        sum[column] = rows & columns >> column & 1;
    product = sum[0];
    for (row = 1; row < TILE; row++) {
        const unsigned carry_above = carry;

        carry = 0;
        for (column = 0; column < TILE; column++) {
            const unsigned pp = rows >> row & columns >> column & 1;
            const unsigned sum_in = column + 1 < TILE ? sum[column + 1] : carry_above;

            full_adder(row, column, pp, sum_in, carry, &sum[column], &carry);
        }
        product |= (uint64_t)sum[0] << row;
    }
    for (column = 1; column < TILE; column++)
        product |= (uint64_t)sum[column] << (TILE - 1 + column);
    return product | (uint64_t)carry << (2 * TILE - 1);
}
"""

_CSA_TILE = """
// Carry-save rows. pp[row][column] is bit `row` of `rows` AND bit `column` of `columns`; absent inputs are 0.
static uint64_t tile_product(unsigned rows, unsigned columns)
{
    unsigned sum[TILE], carry[TILE] = {0}; // of the last row that was computed
    uint64_t product, sums = 0, carries = 0;
    int row, column;

    for (column = 0; column < TILE; column++)
        sum[column] = rows & columns >> column & 1;
    product = sum[0];
    for (row = 1; row < TILE; row++) {
        for (column = 0; column < TILE; column++) {
            const unsigned pp = rows >> row & columns >> column & 1;
            const unsigned sum_in = column + 1 < TILE ? sum[column + 1] : 0;

            full_adder(row, column, pp, sum_in, carry[column], &sum[column], &carry[column]);
        }
        product |= (uint64_t)sum[0] << row;
    }
    for (column = 0; column < TILE; column++) {
        sums |= column > 0 ? (uint64_t)sum[column] << (column - 1) : 0;
        carries |= (uint64_t)carry[column] << column;
    }
    return product | (sums + carries) % (UINT64_C(1) << TILE) << TILE; // the carry-propagate adder is exact
}
"""

_TILES = """
// The tiles of all pairs of digits, added exactly.
static uint64_t significand_product(uint32_t activation, uint32_t weight)
{
    const uint32_t mask = (UINT32_C(1) << TILE) - 1;
    uint64_t product = 0;
    int u, v;

    for (u = 0; u < SIG_WIDTH; u += TILE)
        for (v = 0; v < SIG_WIDTH; v += TILE)
            product += tile_product(${rows} & mask, ${columns} & mask) << (u + v);
    return product;
}
"""


def significand_text(significand: ArraySig | PlainSig | BoothSig) -> str:
    """C functions that end with ``uint64_t significand_product(uint32_t activation, uint32_t weight)``.

    They use the constant ``SIG_WIDTH``. Raises ``TypeError`` for a significand multiplier that it does not know.
    """
    if isinstance(significand, PlainSig):
        return _PLAIN
    if isinstance(significand, BoothSig):
        return _BOOTH
    if isinstance(significand, ArraySig):
        return _array_text(significand)
    raise TypeError(f"no C text for {significand!r}")


def _array_text(significand: ArraySig) -> str:
    cells = list(dict.fromkeys([significand.cell, *sum(significand.cell_map or (), ())]))
    port_of = dict(zip(significand.wiring, ("port_a", "port_b", "port_cin"), strict=True))
    signals = {port_of["p"]: "pp", port_of["s"]: "sum_in", port_of["c"]: "carry_in"}
    operands = {"activation": "activation >> u", "weight": "weight >> v"}
    rows = operands.pop(significand.rows)
    (columns,) = operands.values()
    text = _CELLS + (_ARRAY_TILE if significand.topology == "array" else _CSA_TILE) + _TILES
    filled = Template(text).substitute(
        signals,
        cells="\n".join(_cell_row(cell) for cell in cells),
        cell_map=_map_text(significand, cells),
        rows=rows,
        columns=columns,
    )
    return f"\nenum {{ TILE = {significand.tile} }};\n{filled}"


def _cell_row(cell: FullAdder) -> str:
    sum_text, cout_text = (", ".join(column) for column in (cell.sum, cell.cout))
    return f"    {{{{{sum_text}}}, {{{cout_text}}}}}, // {cell.name}"


def _map_text(significand: ArraySig, cells: list[FullAdder]) -> str:
    rows = ["{0}, // row 0 has AND gates only"]
    if significand.cell_map is not None:
        rows += [f"{{{', '.join(str(cells.index(cell)) for cell in row)}}}," for row in significand.cell_map]
    return "\n    ".join(rows)
