// wren_l2_bank: one bank of L2: a RAM whose read and write port each serve the cores in turn.
//
// Handshake  requests are bits per core; the granted bit is combinational and the access happens in that cycle.
// Timing     rdata_o is valid the cycle after a read grant.
`include "wren_assert.svh"

module wren_l2_bank #(
  parameter  int unsigned NumPorts = 1,
  parameter  int unsigned Width    = 512,
  parameter  int unsigned Depth    = 8192,
  localparam int unsigned Aw       = $clog2(Depth),
  localparam int unsigned Sw       = Width / 16
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,

  // Reads
  input  logic [NumPorts-1:0]             rd_req_i,
  output logic [NumPorts-1:0]             rd_gnt_o,
  input  logic [NumPorts-1:0][Aw-1:0]     rd_row_i,
  output logic [Width-1:0]                rdata_o,

  // Writes
  input  logic [NumPorts-1:0]             wr_req_i,
  output logic [NumPorts-1:0]             wr_gnt_o,
  input  logic [NumPorts-1:0][Aw-1:0]     wr_row_i,
  input  logic [NumPorts-1:0][Width-1:0]  wr_data_i,
  input  logic [NumPorts-1:0][Sw-1:0]     wr_strb_i
);

  localparam int unsigned Pw = (NumPorts > 1) ? $clog2(NumPorts) : 1;

  logic             rd_any, wr_any;
  logic [Pw-1:0]    rd_port, wr_port;
  logic [Aw-1:0]    wr_row;
  logic [Width-1:0] wr_data;
  logic [Sw-1:0]    wr_strb;

  wren_rr_arb #(
    .N(NumPorts)
  ) u_rd_arb (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .req_i      (rd_req_i),
    .take_i     (1'b1),
    .gnt_o      (rd_gnt_o),
    .gnt_valid_o(rd_any),
    .gnt_idx_o  (rd_port)
  );

  wren_rr_arb #(
    .N(NumPorts)
  ) u_wr_arb (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .req_i      (wr_req_i),
    .take_i     (1'b1),
    .gnt_o      (wr_gnt_o),
    .gnt_valid_o(wr_any),
    .gnt_idx_o  (wr_port)
  );

  // Selected only when there is a write, so that idle banks cost a simulator nothing.
  always_comb begin
    wr_row  = '0;
    wr_data = '0;
    wr_strb = '0;
    if (wr_any) begin
      wr_row  = wr_row_i[wr_port];
      wr_data = wr_data_i[wr_port];
      wr_strb = wr_strb_i[wr_port];
    end
  end

  wren_ram_1r1w #(
    .Width(Width),
    .Depth(Depth),
    .Gran (16)
  ) u_ram (
    .clk_i  (clk_i),
    .we_i   (wr_strb),
    .waddr_i(wr_row),
    .wdata_i(wr_data),
    .re_i   (rd_any),
    .raddr_i(rd_row_i[rd_port]),
    .rdata_o(rdata_o)
  );

endmodule
