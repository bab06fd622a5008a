// The generated command checks behind ports, so that a test can compare them with their C++ twins.
module spec_check
  import wren_isa_pkg::*;
(
  input  logic [511:0] cmd_i,
  output logic         known_o,
  output logic [2:0]   engine_o,
  output logic         bad_o,
  output logic [8:0]   msb_o,
  output logic [14:0]  align_o
);

  field_check_t check;

  assign known_o  = opcode_known(cmd_i[7:0]);
  assign engine_o = 3'(opcode_engine(cmd_i[7:0]));
  assign check    = check_fields(cmd_i);
  assign bad_o    = check.bad;
  assign msb_o    = check.msb;
  assign align_o  = check_align(cmd_i);

endmodule
