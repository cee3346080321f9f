// All weights of 16 bits times a range of activations through the unit, 512 at a time, against plain integers.
// Arguments: mode, a_signed, first activation, last + 1, step. Prints the number of pairs, or the first mismatch with
// status 1. The ports of the unit: mode (MODE_BITS), a_signed, a, b; product.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

typedef uint64_t Word __attribute__((vector_size(64)));
static const Word ZERO = {}, ONES = ~Word{};
#include "unit.h"

constexpr int WIDTH = 16, PLANES = 32, LANES = 512, LOW = 9;

static int lane_width(int mode) { return GATING ? WIDTH : WIDTH >> mode; }

static int64_t number(uint32_t pattern, int bits, bool is_signed) {
    return is_signed && pattern >> (bits - 1) & 1 ? int64_t(pattern) - (int64_t(1) << bits) : pattern;
}

// The products of all lanes. b is taken as it is: the highest bit of a lane counts negative.
static uint32_t plain(int mode, bool a_signed, uint32_t a, uint32_t b) {
    if (GATING) a = a >> mode << mode, b = b >> mode << mode;
    const int k = lane_width(mode);
    uint32_t word = 0;
    for (int lane = 0; lane < WIDTH / k; ++lane) {
        const uint32_t mask = (1u << k) - 1;
        const int64_t product = number(a >> lane * k & mask, k, a_signed) * number(b >> lane * k & mask, k, true);
        word |= uint32_t(product & ((int64_t(1) << 2 * k) - 1)) << 2 * k * lane;
    }
    return word;
}

static Word plane(const uint32_t* values, int bit) {
    Word result = ZERO;
    for (int lane = 0; lane < LANES; ++lane) result[lane / 64] |= uint64_t(values[lane] >> bit & 1) << lane % 64;
    return result;
}

static Word spread(uint32_t value, int bit) { return value >> bit & 1 ? ONES : ZERO; }

int main(int, char** arguments) {
    const int mode = std::atoi(arguments[1]);
    const bool a_signed = std::atoi(arguments[2]);
    const uint32_t first = std::atoi(arguments[3]), end = std::atoi(arguments[4]), step = std::atoi(arguments[5]);
    const int border = 2 * lane_width(mode);
    uint64_t pairs = 0;
    uint32_t values[LANES];
    Word in[MODE_BITS + 1 + 2 * WIDTH], out[PLANES], low[PLANES];
    Word *const a_in = in + MODE_BITS + 1, *const b_in = a_in + WIDTH;
    for (int bit = 0; bit < MODE_BITS; ++bit) in[bit] = spread(mode, bit);
    in[MODE_BITS] = a_signed ? ONES : ZERO;
    for (int lane = 0; lane < LANES; ++lane) values[lane] = lane;
    for (int bit = 0; bit < LOW; ++bit) b_in[bit] = plane(values, bit);
    for (uint32_t a = first; a < end; a += step) {
        for (int bit = 0; bit < WIDTH; ++bit) a_in[bit] = spread(a, bit);
        for (int lane = 0; lane < LANES; ++lane) values[lane] = plain(mode, a_signed, a, lane);
        for (int bit = 0; bit < PLANES; ++bit) low[bit] = plane(values, bit);
        for (uint32_t high = 0; high < 1u << (WIDTH - LOW); ++high) {
            for (int bit = LOW; bit < WIDTH; ++bit) b_in[bit] = spread(high, bit - LOW);
            unit(in, out);
            // a * b = a * (low bits of b) + a * (high bits of b), lane by lane
            const uint32_t rest = plain(mode, a_signed, a, high << LOW);
            Word carry = ZERO, wrong = ZERO;
            for (int bit = 0; bit < PLANES; ++bit) {
                const Word addend = spread(rest, bit);
                if (bit % border == 0) carry = ZERO;
                wrong |= out[bit] ^ low[bit] ^ addend ^ carry;
                carry = (low[bit] & addend) | (carry & (low[bit] | addend));
            }
            for (int lane = 0; lane < LANES; ++lane) {
                if (lane % 64 == 0 && !wrong[lane / 64]) lane += 63;
                else if (wrong[lane / 64] >> lane % 64 & 1) {
                    const uint32_t b = high << LOW | lane;
                    uint32_t actual = 0;
                    for (int bit = 0; bit < PLANES; ++bit) actual |= uint32_t(out[bit][lane / 64] >> lane % 64 & 1) << bit;
                    std::printf("a=0x%04x b=0x%04x plain=0x%08x dut=0x%08x\n", a, b, plain(mode, a_signed, a, b), actual);
                    return 1;
                }
            }
            pairs += LANES;
        }
    }
    std::printf("%llu\n", static_cast<unsigned long long>(pairs));
    return 0;
}
