// Every adder becomes a carry chain. Without this, Yosys joins chains of $add (the dot products) into compressor trees, which
// cost two LUTs per bit and operand where a carry chain costs one.
(* techmap_celltype = "$add" *)
module _wren_add (A, B, Y);
  parameter A_SIGNED = 0;
  parameter B_SIGNED = 0;
  parameter A_WIDTH = 1;
  parameter B_WIDTH = 1;
  parameter Y_WIDTH = 1;
  input [A_WIDTH-1:0] A;
  input [B_WIDTH-1:0] B;
  output [Y_WIDTH-1:0] Y;
  wire [Y_WIDTH-1:0] x, co;
  \$alu #(.A_SIGNED(A_SIGNED), .B_SIGNED(B_SIGNED), .A_WIDTH(A_WIDTH), .B_WIDTH(B_WIDTH), .Y_WIDTH(Y_WIDTH)) _TECHMAP_REPLACE_ (
    .A(A), .B(B), .CI(1'b0), .BI(1'b0), .Y(Y), .X(x), .CO(co));
endmodule
