// wren_vadd: y = a + b in every lane, rounded; b is a vector or the scalar s; with none_i y = a.
//
// Timing     y_o the cycle after en_i; holds otherwise, at no cost.
// Deep       y_o four cycles after the operands, one vector per cycle: order, align, add, round. en_i lets all stages move.
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
    // Without an addition a passes as the larger operand and as the head.
    logic [2:0] none_q;
    row_t       large_q, small_q, large2_q, aligned_q, head2_q, head3_q, near_q, moved_q;

    always_ff @(posedge clk_i) begin
      if (en_i) begin
        none_q <= {none_q[1:0], none_i};
        for (int unsigned i = 0; i < Lanes; i++) begin
          large_q[i]   <= none_i ? a_i[i] : fp32_add_large(a_i[i], pick(!vec_i, s_i, b_i[i]));
          small_q[i]   <= fp32_add_small(a_i[i], pick(!vec_i, s_i, b_i[i]));
          large2_q[i]  <= large_q[i];
          aligned_q[i] <= fp32_add_align(large_q[i], small_q[i]);
          head2_q[i]   <= none_q[0] ? large_q[i] : fp32_add_head_of(large_q[i], small_q[i]);
          head3_q[i]   <= head2_q[i];
          near_q[i]    <= fp32_add_near(fp32_add_aligned(large2_q[i], aligned_q[i]));
          moved_q[i]   <= fp32_add_moved(fp32_add_aligned(large2_q[i], aligned_q[i]));
          y_o[i]       <= none_q[2] ? head3_q[i] : fp32_add_round(near_q[i], moved_q[i], head3_q[i]);
        end
      end
    end
  end

endmodule
