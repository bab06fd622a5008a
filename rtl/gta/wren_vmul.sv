// wren_vmul: y = a * b in every lane, rounded; b is a vector or the scalar s; with none_i y = a.
//
// Timing     y_o the cycle after en_i; holds otherwise, at no cost.
module wren_vmul #(
  parameter int unsigned Lanes = 32
) (
  input  logic                   clk_i,
  input  logic                   en_i,
  input  logic                   none_i,
  input  logic                   vec_i,
  input  logic [31:0]            s_i,
  input  logic [Lanes-1:0][31:0] a_i,
  input  logic [Lanes-1:0][31:0] b_i,
  output logic [Lanes-1:0][31:0] y_o
);
  import wren_fp_pkg::*;

  function automatic logic [Lanes-1:0][31:0] products();
    for (int unsigned i = 0; i < Lanes; i++) products[i] = fp32_mul(a_i[i], pick(!vec_i, s_i, b_i[i]));
  endfunction

  always_ff @(posedge clk_i) begin
    if (en_i) begin
      if (none_i) y_o <= a_i;
      else y_o <= products();
    end
  end

endmodule
