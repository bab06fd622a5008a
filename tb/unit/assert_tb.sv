// assert_tb: one use of each assertion macro, with everything they look at as a port.
`include "wren_assert.svh"

module assert_tb (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        valid_i,
  input logic        ready_i,
  input logic [69:0] payload_i,
  input logic        before_i,
  input logic        after_i,
  input logic        cause_i,
  input logic        effect_i
);

  `ASSERT_HOLD(Held_A, valid_i, ready_i, payload_i)
  `ASSERT_NEXT(Next_A, before_i, after_i)
  `ASSERT(Implied_A, cause_i -> effect_i)

endmodule
