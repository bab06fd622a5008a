// wren_quiet: a wire for signals that seldom change. It marks, for the simulation of a core, where logic need not be computed again in a cycle
// in which nothing has happened to its inputs: sim/prim has a module of this name behind which only a change goes on.
module wren_quiet #(
  parameter int unsigned Width = 1
) (
  input  logic [Width-1:0] in_i,
  output logic [Width-1:0] out_o
);

  assign out_o = in_i;

endmodule
