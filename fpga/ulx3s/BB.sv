// BB: the ECP5's bidirectional pad; a cell of the part (Lattice, ECP5 and ECP5-5G primitives). T: 1 leaves the pad alone.
(* blackbox *)
module BB (
  input  logic I,
  input  logic T,
  output logic O,
  inout  wire  B
);
endmodule
