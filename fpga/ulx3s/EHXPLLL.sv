// EHXPLLL: the ECP5's PLL, as far as wren_ulx3s uses it; a cell of the part (Lattice TN-02200, sysCLOCK PLL).
(* blackbox *)
module EHXPLLL #(
  parameter int    CLKI_DIV        = 1,
  parameter int    CLKFB_DIV       = 1,
  parameter        FEEDBK_PATH     = "CLKOP",
  parameter        CLKOP_ENABLE    = "ENABLED",
  parameter int    CLKOP_DIV       = 8,
  parameter int    CLKOP_CPHASE    = 0,
  parameter int    CLKOP_FPHASE    = 0,
  parameter        OUTDIVIDER_MUXA = "DIVA",
  parameter        PLLRST_ENA      = "DISABLED",
  parameter        INTFB_WAKE      = "DISABLED",
  parameter        STDBY_ENABLE    = "DISABLED",
  parameter        DPHASE_SOURCE   = "DISABLED"
) (
  input  logic CLKI,
  input  logic CLKFB,
  output logic CLKOP,
  output logic LOCK,
  input  logic RST,
  input  logic STDBY,
  input  logic PHASESEL0,
  input  logic PHASESEL1,
  input  logic PHASEDIR,
  input  logic PHASESTEP,
  input  logic PHASELOADREG,
  input  logic PLLWAKESYNC,
  input  logic ENCLKOP
);
endmodule
