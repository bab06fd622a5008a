// wren_rf_1r1w: a small memory with one write port and one port read in the same cycle (registers or an FPGA's LUT RAM).
//
// Timing     rdata_o follows raddr_i combinationally; a write is seen from the next cycle on.
// Limits     Contents are not reset. For queues and tables of a few kilobits; everything larger is a wren_ram_1r1w.
module wren_rf_1r1w #(
  parameter  int unsigned Width = 32,
  parameter  int unsigned Depth = 8,
  localparam int unsigned Aw    = (Depth > 1) ? $clog2(Depth) : 1
) (
  input  logic             clk_i,

  // Write port
  input  logic             we_i,
  input  logic [Aw-1:0]    waddr_i,
  input  logic [Width-1:0] wdata_i,

  // Read port
  input  logic [Aw-1:0]    raddr_i,
  output logic [Width-1:0] rdata_o
);

  logic [Width-1:0] mem [Depth];

  always_ff @(posedge clk_i) begin
    if (we_i) mem[waddr_i] <= wdata_i;
  end

  assign rdata_o = mem[raddr_i];

endmodule
