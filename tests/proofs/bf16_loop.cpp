// All pairs of bfloat16 operands through the Verilated unit, against a reference in plain integers.
// Arguments: first and last activation pattern + 1. Prints the number of pairs, or the first mismatch with status 1.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include "Vlanes.h"

constexpr uint32_t LANES = 32;

static uint32_t reference(uint32_t a, uint32_t b) {
    const uint32_t sign = (a ^ b) & 0x8000, exp_a = a >> 7 & 255, exp_b = b >> 7 & 255;
    const bool nan = (a & 0x7fff) > 0x7f80 || (b & 0x7fff) > 0x7f80;
    const bool inf = exp_a == 255 || exp_b == 255, zero = exp_a == 0 || exp_b == 0;  // subnormals are zeros
    if (nan || (inf && zero)) return 0x7fc0;
    if (inf) return sign | 0x7f80;
    if (zero) return sign;
    const uint32_t product = (128 + (a & 127)) * (128 + (b & 127));
    int exp = int(exp_a) + int(exp_b) - 127;
    int dropped = 7;
    if (product >= 1u << 15) ++exp, ++dropped;
    uint32_t kept = product >> dropped;
    const uint32_t rest = product % (1u << dropped), half = 1u << (dropped - 1);
    if (rest > half || (rest == half && kept % 2)) ++kept;
    if (kept == 256) kept = 128, ++exp;
    if (exp < 1) return sign;
    if (exp > 254) return sign | 0x7f80;
    return sign | uint32_t(exp) << 7 | (kept - 128);
}

int main(int, char** arguments) {
    Vlanes unit;
    uint64_t pairs = 0;
    const uint32_t end = std::strtoul(arguments[2], nullptr, 0);
    for (uint32_t a = std::strtoul(arguments[1], nullptr, 0); a < end; ++a) {
        unit.a = a;
        for (uint32_t first = 0; first < 65536; first += LANES) {
            unit.b_high = first / LANES;
            unit.eval();
            for (uint32_t lane = 0; lane < LANES; ++lane, ++pairs) {
                const uint32_t actual = unit.p[lane / 2] >> 16 * (lane % 2) & 0xffff;
                const uint32_t expected = reference(a, first + lane);
                if (actual != expected) {
                    std::printf("a=0x%04x b=0x%04x expected=0x%04x dut=0x%04x\n", a, first + lane, expected, actual);
                    return 1;
                }
            }
        }
    }
    std::printf("%llu\n", static_cast<unsigned long long>(pairs));
    return 0;
}
