// wren_vadd: y = a + b in every lane, rounded; b is a vector or the scalar s; with none_i y = a.
//
// Timing     y_o the cycle after en_i; holds otherwise, at no cost.
// Deep       y_o four cycles after the operands, one vector per cycle: order, align and add, leading one, round. b is b_i: what is to be left
//            out adds -0. en_i lets all stages move.
module wren_vadd #(
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
    function automatic row_t sums();
      for (int unsigned i = 0; i < Lanes; i++) sums[i] = fp32_add(a_i[i], pick(!vec_i, s_i, b_i[i]));
    endfunction

    always_ff @(posedge clk_i) begin
      if (en_i && none_i) y_o <= a_i;                          // two conditions: of if and else a simulator computes both
      if (en_i && !none_i) y_o <= sums();
    end
  end else begin : gen_deep
    ordered_t   [Lanes-1:0]       ordered_q;
    head_t      [Lanes-1:0]       head2_q;
    exponents_t [Lanes-1:0]       from3_q;
    logic       [Lanes-1:0][27:0] sum_q;
    leading_t   [Lanes-1:0]       leading_q;

    always_ff @(posedge clk_i) begin
      if (en_i) begin
        for (int unsigned i = 0; i < Lanes; i++) begin
          ordered_q[i] <= add_order(a_i[i], b_i[i]);
          sum_q[i]     <= add_aligned(ordered_q[i]);
          head2_q[i]   <= ordered_q[i].head;
          leading_q[i] <= add_lead(sum_q[i]);
          from3_q[i]   <= add_exponents(head2_q[i]);
          y_o[i]       <= add_pack(leading_q[i], from3_q[i]);
        end
      end
    end

    logic unused;
    assign unused = none_i || vec_i || s_i != '0;
  end

endmodule
