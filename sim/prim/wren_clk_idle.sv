// wren_clk_idle for the simulation of a core: as rtl/prim/wren_clk_idle.sv, but the program around the model makes the edges of clk, with those of
// clk_i and when awake is set (sim/src/rtl_core_model.cpp). A gate would need an evaluation at the falling edge.
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

  logic clk;
  assign clk_o = clk;

endmodule
