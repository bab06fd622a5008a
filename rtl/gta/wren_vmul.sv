// wren_vmul: y = a * b in every lane, rounded; b is a vector or the scalar s; with none_i y = a.
//
// Timing     y_o the cycle after en_i; holds otherwise, at no cost.
// Deep       y_o three cycles after the operands, one vector per cycle: products, their sum, round. b is b_i: what is to be left out multiplies
//            by one. en_i lets all stages move.
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
  import wren_fp_whole_pkg::*;

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
    products_t [Lanes-1:0] products_q;
    product_t  [Lanes-1:0] product_q;

    always_ff @(posedge clk_i) begin
      if (en_i) begin
        for (int unsigned i = 0; i < Lanes; i++) begin
          products_q[i] <= mul_products(a_i[i], b_i[i]);
          product_q[i]  <= mul_sum(products_q[i]);
          y_o[i]        <= mul_round(product_q[i]);
        end
      end
    end

    logic unused;
    assign unused = none_i || vec_i || s_i != '0;
  end

endmodule
