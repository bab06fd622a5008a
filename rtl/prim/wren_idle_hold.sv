// wren_idle_hold: when the stages of a pipeline take new values. What is in a stage without a valid value does not matter, so a pipeline need
// not stop; a simulator saves the work of one that is idle. An FPGA or ASIC flow replaces this file by one without enables (fpga/prim).
//
// Timing     combinational: move_o is set at least while busy_i is.
module wren_idle_hold (
  input  logic busy_i,      // there is a valid value in some stage
  output logic move_o
);

  assign move_o = busy_i;

endmodule
