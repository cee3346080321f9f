// A signed multiplier of magnitudes. The bug: the magnitude of -128 is taken in 7 bits, and is 0.
module smul (input signed [7:0] x, y, output signed [15:0] z);
  wire [6:0] mx = x[7] ? ~x[6:0] + 7'd1 : x[6:0];
  wire [6:0] my = y[7] ? ~y[6:0] + 7'd1 : y[6:0];
  wire [13:0] m = mx * my;
  wire neg = x[7] ^ y[7];
  assign z = neg ? -{2'b00, m} : {2'b00, m};
endmodule
