// wren_lut_mem: one coefficient of all function tables, read by every lane at once. An FPGA flow replaces this file.
//
// Reads      the words of the lanes' entries of one table, the cycle after en_i, held until the next en_i. Entry: bits 7..0 of each
//            lane's word.
// Limits     A read of the word being written in the same cycle returns the old word here; callers must not depend on it.
//            Contents are not reset. An N-port memory is N copies in hardware; a simulator keeps one.
module wren_lut_mem #(
  parameter  int unsigned Lanes  = 32,
  parameter  int unsigned Tables = 8,
  localparam int unsigned Tw     = (Tables > 1) ? $clog2(Tables) : 1,
  localparam int unsigned Ew     = $clog2(Tables * 256)
) (
  input  logic                   clk_i,

  // Write port
  input  logic                   we_i,
  input  logic [Ew-1:0]          waddr_i,
  input  logic [31:0]            wdata_i,

  // Read ports
  input  logic                   en_i,
  input  logic [Tw-1:0]          table_i,
  input  logic [Lanes-1:0][31:0] index_i,
  output logic [Lanes-1:0][31:0] rdata_o
);

  logic [31:0] mem [Tables*256];

  always_ff @(posedge clk_i) begin
    if (we_i) mem[waddr_i] <= wdata_i;
  end

  typedef logic [Lanes-1:0][31:0] row_t;
  function automatic row_t read(input logic [Tw-1:0] t);
    for (int unsigned i = 0; i < Lanes; i++) read[i] = mem[Ew'({t, index_i[i][7:0]})];
  endfunction
  always_ff @(posedge clk_i) begin
    if (en_i) rdata_o <= read(table_i);
  end

endmodule
