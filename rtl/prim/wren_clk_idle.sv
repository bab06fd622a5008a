// wren_clk_idle: the clock of a unit that stops while the unit has nothing to do. An FPGA flow replaces this file by a wire (fpga/prim), an
// ASIC flow by its clock gating cell, the simulation of a core by one without a gate (sim/prim).
//
// active_i   set in every cycle in which a register of the unit may take a new value, from its inputs as well as from its own state;
//            combinational. The clock goes on for Tail cycles behind it, for registers that follow others.
// clk_o      rises with clk_i when active_i was set in the cycle before the edge or in the Tail cycles before that, and after a reset.
module wren_clk_idle #(
  parameter int unsigned Tail = 4
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic active_i,
  output logic clk_o
);

  logic [Tail-1:0] past_q;
  logic            awake;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) past_q <= '1;
    else past_q <= {past_q[Tail-2:0], active_i};
  end
  assign awake = active_i || past_q != '0;

  logic awake_q;
  always_latch begin
    if (!clk_i) awake_q = awake;
  end
  assign clk_o = clk_i && awake_q;

endmodule
