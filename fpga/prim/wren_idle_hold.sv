// wren_idle_hold for FPGAs: the same module as rtl/prim/wren_idle_hold.sv, but the stages always move: so thousands of flip-flops need no clock
// enable, which would have to reach all of them within a cycle.
//
// Timing     move_o is constant.
module wren_idle_hold (
  input  logic busy_i,
  output logic move_o
);

  assign move_o = 1'b1;
  logic unused;
  assign unused = busy_i;

endmodule
