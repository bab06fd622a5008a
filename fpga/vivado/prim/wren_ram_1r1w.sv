// wren_ram_1r1w for UltraScale+ parts: the same module as rtl/prim/wren_ram_1r1w.sv, as block RAM, or as UltraRAM from UltraBits on (an
// UltraRAM holds 4,096 words of 72 bits, a block RAM 1,024 of 36; the large memories are L2 and, in full, AB).
//
// Timing     rdata_o is valid the cycle after re_i and holds until the next re_i.
// Limits     A read of the word being written in the same cycle may return either word; callers must not depend on it.
//            Contents are not reset.
module wren_ram_1r1w #(
  parameter  int unsigned Width     = 64,
  parameter  int unsigned Depth     = 256,
  parameter  int unsigned Gran      = Width,          // bits per write enable; divides Width
  parameter  int unsigned UltraBits = 262144,
  localparam int unsigned Aw        = (Depth > 1) ? $clog2(Depth) : 1,
  localparam int unsigned We        = Width / Gran
) (
  input  logic             clk_i,

  // Write port
  input  logic [We-1:0]    we_i,
  input  logic [Aw-1:0]    waddr_i,
  input  logic [Width-1:0] wdata_i,

  // Read port
  input  logic             re_i,
  input  logic [Aw-1:0]    raddr_i,
  output logic [Width-1:0] rdata_o
);

  if (Width * Depth >= UltraBits && Depth >= 2048) begin : gen_ultra
    (* ram_style = "ultra" *) logic [Width-1:0] mem [Depth];
    always_ff @(posedge clk_i) begin
      for (int unsigned i = 0; i < We; i++) begin
        if (we_i[i]) mem[waddr_i][i*Gran +: Gran] <= wdata_i[i*Gran +: Gran];
      end
    end
    always_ff @(posedge clk_i) begin
      if (re_i) rdata_o <= mem[raddr_i];
    end
  end else begin : gen_block
    (* ram_style = "block" *) logic [Width-1:0] mem [Depth];
    always_ff @(posedge clk_i) begin
      for (int unsigned i = 0; i < We; i++) begin
        if (we_i[i]) mem[waddr_i][i*Gran +: Gran] <= wdata_i[i*Gran +: Gran];
      end
    end
    always_ff @(posedge clk_i) begin
      if (re_i) rdata_o <= mem[raddr_i];
    end
  end

endmodule
