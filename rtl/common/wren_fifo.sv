// wren_fifo: a queue of Depth words between two valid/ready handshakes.
//
// Handshake  wr and rd are valid/ready; rd_data_o is stable while rd_valid_o waits for rd_ready_i.
// Timing     a word written is offered the next cycle; one word in and one out per cycle. No combinational path between
//            the two sides: a full queue takes no word even while one leaves.
// Limits     Depth >= 2 for full rate; any Depth works. flush_i empties it and wins over both sides.
`include "wren_assert.svh"

module wren_fifo #(
  parameter  int unsigned Width = 32,
  parameter  int unsigned Depth = 4,
  localparam int unsigned Aw    = (Depth > 1) ? $clog2(Depth) : 1,
  localparam int unsigned Cw    = $clog2(Depth + 1)
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             flush_i,

  // In
  input  logic             wr_valid_i,
  output logic             wr_ready_o,
  input  logic [Width-1:0] wr_data_i,

  // Out
  output logic             rd_valid_o,
  input  logic             rd_ready_i,
  output logic [Width-1:0] rd_data_o,

  // Words held
  output logic [Cw-1:0]    count_o
);

  localparam logic [Aw-1:0] Last = Aw'(Depth - 1);

  logic [Aw-1:0] wr_ptr_q, rd_ptr_q;
  logic [Cw-1:0] count_q;
  logic          push, pop;

  assign wr_ready_o = count_q != Cw'(Depth);
  assign rd_valid_o = count_q != '0;
  assign count_o    = count_q;
  assign push       = wr_valid_i && wr_ready_o;
  assign pop        = rd_valid_o && rd_ready_i;

  wren_rf_1r1w #(
    .Width(Width),
    .Depth(Depth)
  ) u_mem (
    .clk_i  (clk_i),
    .we_i   (push),
    .waddr_i(wr_ptr_q),
    .wdata_i(wr_data_i),
    .raddr_i(rd_ptr_q),
    .rdata_o(rd_data_o)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wr_ptr_q <= '0;
      rd_ptr_q <= '0;
      count_q  <= '0;
    end else if (flush_i) begin
      wr_ptr_q <= '0;
      rd_ptr_q <= '0;
      count_q  <= '0;
    end else begin
      if (push) wr_ptr_q <= (wr_ptr_q == Last) ? '0 : wr_ptr_q + Aw'(1);
      if (pop) rd_ptr_q <= (rd_ptr_q == Last) ? '0 : rd_ptr_q + Aw'(1);
      if (push && !pop) count_q <= count_q + Cw'(1);
      if (pop && !push) count_q <= count_q - Cw'(1);
    end
  end

  `ASSERT(CountInRange_A, count_q <= Cw'(Depth))

endmodule
