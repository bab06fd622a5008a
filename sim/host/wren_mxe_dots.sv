// wren_mxe_dots of a model that computes with the arithmetic of the machine it runs on (rtl/mxe/wren_mxe_dots.sv describes it): Dots of
// wren_host_arith.h leaves the sums in a buffer, from which they are taken cell by cell: $c has no results wider than 64 bits.
module wren_mxe_dots #(
  parameter int unsigned Rows = 8,
  parameter int unsigned Cols = 16
) (
  input  logic                         clk_i,
  input  logic                         valid_i,
  input  logic [Rows*8-1:0][31:0]      a_i,
  input  logic [8*Cols-1:0][31:0]      w_i,
  output logic [Rows*Cols-1:0][31:0]   s_o
);

  function automatic logic [Rows*Cols-1:0][31:0] dots(input logic [31:0] done);  // 0, and known when the sums are there
    for (int unsigned i = 0; i < Rows*Cols; i++) dots[i] = $c32("wren_host::dots[", i, "+", done, "]");
  endfunction

  always_ff @(posedge clk_i) begin
    if (valid_i) s_o <= dots($c32("wren_host::Dots<", Rows, ",", Cols, ">(", a_i, ",", w_i, ")"));
  end

endmodule
