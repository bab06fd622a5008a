// ODDRX1F: the ECP5's output register for both edges; a cell of the part (Lattice TN-02035, high-speed I/O). Q is D0 while SCLK is
// high and D1 while it is low, of a clock before.
(* blackbox *)
module ODDRX1F (
  input  logic SCLK,
  input  logic RST,
  input  logic D0,
  input  logic D1,
  output logic Q
);
endmodule
