// wren_quiet for the simulation of a core: out_o follows in_i at an edge of change, which the program around the model makes when they differ,
// before anything else happens (sim/src/rtl_core_model.cpp). What hangs on out_o is then computed at such edges only, and not at every clock.
module wren_quiet #(
  parameter int unsigned Width = 1
) (
  input  logic [Width-1:0] in_i,
  output logic [Width-1:0] out_o
);

  logic             change;
  logic [Width-1:0] now, seen;

  assign now = in_i;
  always_ff @(posedge change) seen <= now;
  assign out_o = seen;

endmodule
