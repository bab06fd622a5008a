// wren_skid: a register slice that cuts every combinational path between two valid/ready handshakes.
//
// Handshake  wr and rd are valid/ready; rd_data_o is stable while rd_valid_o waits for rd_ready_i.
// Timing     latency one cycle, one word per cycle. wr_ready_o and rd_valid_o come straight from registers.
`include "wren_assert.svh"

module wren_skid #(
  parameter int unsigned Width = 32
) (
  input  logic             clk_i,
  input  logic             rst_ni,

  // In
  input  logic             wr_valid_i,
  output logic             wr_ready_o,
  input  logic [Width-1:0] wr_data_i,

  // Out
  output logic             rd_valid_o,
  input  logic             rd_ready_i,
  output logic [Width-1:0] rd_data_o
);

  logic             valid_q, spare_valid_q;
  logic [Width-1:0] data_q, spare_q;

  assign wr_ready_o = !spare_valid_q;
  assign rd_valid_o = valid_q;
  assign rd_data_o  = data_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q       <= 1'b0;
      spare_valid_q <= 1'b0;
    end else if (!valid_q || rd_ready_i) begin
      valid_q       <= spare_valid_q || wr_valid_i;
      spare_valid_q <= 1'b0;
    end else if (wr_valid_i) begin
      spare_valid_q <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!valid_q || rd_ready_i) begin
      if (spare_valid_q) data_q <= spare_q;
      else if (wr_valid_i) data_q <= wr_data_i;
    end else if (!spare_valid_q && wr_valid_i) begin
      spare_q <= wr_data_i;
    end
  end

  `ASSERT_HOLD(OutHold_A, rd_valid_o, rd_ready_i, rd_data_o)

endmodule
