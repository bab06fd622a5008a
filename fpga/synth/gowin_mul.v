// Products for Gowin's GW5A: Yosys 0.70 has no map of its own for this family's multipliers, which are signed. Up to 12 x 12 bits take half
// a DSP block (MULT12X12), up to 36 x 27 two blocks (MULT27X36); products too small to be worth one stay logic. No register of a multiplier
// is used: the pipelines' registers stay where the RTL has them.
(* techmap_celltype = "$mul" *)
module _wren_mul (A, B, Y);
  parameter A_SIGNED = 0;
  parameter B_SIGNED = 0;
  parameter A_WIDTH = 1;
  parameter B_WIDTH = 1;
  parameter Y_WIDTH = 1;
  input [A_WIDTH-1:0] A;
  input [B_WIDTH-1:0] B;
  output [Y_WIDTH-1:0] Y;

  // Widths with a sign; which operand is the wider
  localparam As = A_SIGNED ? A_WIDTH : A_WIDTH + 1;
  localparam Bs = B_SIGNED ? B_WIDTH : B_WIDTH + 1;
  localparam Swap = As > Bs;
  localparam Large = Swap ? As : Bs;
  localparam Small = Swap ? Bs : As;

  wire [63:0] a = {{(A_WIDTH < 64 ? 64 - A_WIDTH : 1){A_SIGNED ? A[A_WIDTH-1] : 1'b0}}, A};
  wire [63:0] b = {{(B_WIDTH < 64 ? 64 - B_WIDTH : 1){B_SIGNED ? B[B_WIDTH-1] : 1'b0}}, B};
  wire [63:0] p;

  generate
    if (Large > 36 || Small > 27 || A_WIDTH + B_WIDTH < 9 || Small < 3) begin
      wire _TECHMAP_FAIL_ = 1'b1;
    end else if (Large <= 12) begin
      MULT12X12 _TECHMAP_REPLACE_ (.A(a[11:0]), .B(b[11:0]), .CLK(2'b0), .CE(2'b0), .RESET(2'b0), .DOUT(p[23:0]));
      assign p[63:24] = {40{p[23]}};
    end else begin
      MULT27X36 _TECHMAP_REPLACE_ (.A(Swap ? b[26:0] : a[26:0]), .B(Swap ? a[35:0] : b[35:0]), .D(26'b0), .PSEL(1'b0), .PADDSUB(1'b0),
                                   .CLK(2'b0), .CE(2'b0), .RESET(2'b0), .DOUT(p[62:0]));
      assign p[63] = p[62];
    end
  endgenerate
  assign Y = Y_WIDTH > 64 ? {{(Y_WIDTH > 64 ? Y_WIDTH - 64 : 1){p[63]}}, p} : p[(Y_WIDTH > 64 ? 64 : Y_WIDTH)-1:0];
endmodule
