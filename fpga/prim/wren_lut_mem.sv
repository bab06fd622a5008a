// wren_lut_mem for FPGAs: the same module as rtl/prim/wren_lut_mem.sv with the copy per lane that block RAM needs written out. Yosys makes
// the same copies of a memory with a read port per lane, but the search for them takes more than 24 GB at 16 lanes.
//
// Reads      the words of the lanes' entries of one table, the cycle after en_i, held until the next en_i. Entry: bits 7..0 of each
//            lane's word.
// Limits     A read of the word being written in the same cycle may return either word; callers must not depend on it.
//            Contents are not reset.
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

  for (genvar i = 0; i < Lanes; i++) begin : gen_lane
    (* ram_style = "block", no_rw_check *) logic [31:0] mem [Tables*256];
    always_ff @(posedge clk_i) begin
      if (we_i) mem[waddr_i] <= wdata_i;
    end
    always_ff @(posedge clk_i) begin
      if (en_i) rdata_o[i] <= mem[Ew'({table_i, index_i[i][7:0]})];
    end
  end

endmodule
