// wren_clk_idle for FPGAs: the same module as rtl/prim/wren_clk_idle.sv, whose clock never stops. An FPGA has few clock networks, and the
// enables that its flip-flops have save most of what stopping one would.
module wren_clk_idle #(
  parameter int unsigned Tail = 4
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic active_i,
  output logic clk_o
);

  assign clk_o = clk_i;

  logic unused;
  assign unused = &{1'b0, rst_ni, active_i, Tail != 0};

endmodule
