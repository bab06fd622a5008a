// BUFG: a global clock buffer of Xilinx' parts, for lint; Vivado has its own.
(* blackbox *)
module BUFG (
  input  logic I,
  output logic O
);
endmodule
