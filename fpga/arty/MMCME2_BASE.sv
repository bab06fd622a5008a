// MMCME2_BASE: the mixed-mode clock manager of Xilinx' 7 series, for lint; Vivado has its own. Only what wren_arty uses.
(* blackbox *)
module MMCME2_BASE #(
  parameter real         CLKIN1_PERIOD   = 0.0,
  parameter real         CLKFBOUT_MULT_F = 5.0,
  parameter int unsigned DIVCLK_DIVIDE   = 1,
  parameter int unsigned CLKOUT1_DIVIDE  = 1
) (
  input  logic CLKIN1,
  input  logic CLKFBIN,
  output logic CLKFBOUT,
  output logic CLKOUT1,
  output logic LOCKED,
  input  logic PWRDWN,
  input  logic RST
);
endmodule
