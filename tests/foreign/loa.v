`timescale 1ns / 1ps
`default_nettype none
// Lower-part-OR multiplier: the columns 0..K-1 of the partial products are ored, the others added without their carry.
// Mahdiani et al., "Bio-inspired imprecise computational blocks", IEEE TCAS I, 2010, has the adder of that name.

module loa_columns #(parameter K = 6) (
    input  wire [7:0]  X,
    input  wire [7:0]  Y,
    output reg  [15:0] Z
);
    integer i;
    reg [15:0] low, row;
    reg [15:0] high;

    always @* begin
        low = 0;
        high = 0;
        for (i = 0; i < 8; i = i + 1) begin
            row = Y[i] ? X << i : 0;
            low = low | row;
            high = high + (row >> K << K);
        end
        Z = high | (low & ((1 << K) - 1));
    end
endmodule

module mul8u(A, B, O);
    input  [7:0]  A;
    input  [7:0]  B;
    output [15:0] O;
    wire   [7:0]  A, B;
    wire   [15:0] O;

    loa_columns u0 (.X(A), .Y(B), .Z(O));
endmodule
