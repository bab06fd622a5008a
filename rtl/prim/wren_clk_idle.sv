// wren_clk_idle: the clock of a unit that stops while the unit has nothing to do. An FPGA flow replaces this file by a wire (fpga/prim), an
// ASIC flow by its clock gating cell.
//
// active_i   set in every cycle in which a register of the unit may take a new value, from its inputs as well as from its own state;
//            combinational. The clock goes on for Tail cycles behind it, for registers that follow others.
// clk_o      rises with clk_i, without a difference in time that would matter to a zero-delay simulator, when active_i was set in the cycle before the
//            edge or in the Tail cycles before that; and after a reset.
// Simulation with WREN_CLOCKS_OUTSIDE nothing here drives the clock: the program around the model makes its edges (sim/src/rtl_core_model.cpp),
//            which needs no evaluation at the falling edge.
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

`ifdef WREN_CLOCKS_OUTSIDE
  logic clk;
  assign clk_o = clk;
`else
  logic awake_q;
  always_latch begin
    if (!clk_i) awake_q = awake;
  end
  assign clk_o = clk_i && awake_q;
`endif

endmodule
