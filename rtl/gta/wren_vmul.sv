// wren_vmul: y = a * b in every lane, rounded; b is a vector or the scalar s; with none_i y = a.
//
// Timing     y_o the cycle after en_i; holds otherwise, at no cost.
// Deep       y_o two cycles after the operands, one vector per cycle: product, round. en_i lets both stages move.
module wren_vmul #(
  parameter int unsigned Lanes = 32,
  parameter bit          Deep  = 1'b0
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

  typedef logic [Lanes-1:0][31:0] row_t;

  if (!Deep) begin : gen_flat
    function automatic row_t products();
      for (int unsigned i = 0; i < Lanes; i++) products[i] = fp32_mul(a_i[i], pick(!vec_i, s_i, b_i[i]));
    endfunction

    always_ff @(posedge clk_i) begin
      if (en_i && none_i) y_o <= a_i;                          // two conditions: of if and else a simulator computes both
      if (en_i && !none_i) y_o <= products();
    end
  end else begin : gen_deep
    logic none_q;
    row_t a_q, b_q, product_q;

    always_ff @(posedge clk_i) begin
      if (en_i) begin
        none_q <= none_i;
        a_q    <= a_i;
        for (int unsigned i = 0; i < Lanes; i++) begin
          b_q[i]       <= pick(!vec_i, s_i, b_i[i]);
          product_q[i] <= fp32_mul_product(a_i[i], pick(!vec_i, s_i, b_i[i]));
          y_o[i]       <= none_q ? a_q[i] : fp32_mul_round(product_q[i], a_q[i], b_q[i]);
        end
      end
    end
  end

endmodule
