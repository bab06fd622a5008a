// wren_ram_1r1w for FPGAs: the same module as rtl/prim/wren_ram_1r1w.sv, written so that synthesis infers block RAM with byte
// enables (the other form merges words, which simulates faster but reads the array on the write port).
//
// Timing     rdata_o is valid the cycle after re_i and holds until the next re_i.
// Limits     A read of the word being written in the same cycle may return either word; callers must not depend on it.
//            Contents are not reset.
module wren_ram_1r1w #(
  parameter  int unsigned Width = 64,
  parameter  int unsigned Depth = 256,
  parameter  int unsigned Gran  = Width,          // bits per write enable; divides Width
  localparam int unsigned Aw    = (Depth > 1) ? $clog2(Depth) : 1,
  localparam int unsigned We    = Width / Gran
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

  (* ram_style = "block", no_rw_check *) logic [Width-1:0] mem [Depth];

  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < We; i++) begin
      if (we_i[i]) mem[waddr_i][i*Gran +: Gran] <= wdata_i[i*Gran +: Gran];
    end
  end

  always_ff @(posedge clk_i) begin
    if (re_i) rdata_o <= mem[raddr_i];
  end

endmodule
