// wren_top: Wren as one block: the core and its L2, in one of the configurations of wren_pkg.
//
// Ports      AXI4-Lite slave for the CSRs, one AXI4 master per core for external memory, one interrupt. No logic of its own.
module wren_top
  import wren_pkg::*;
#(
  parameter  int unsigned Config  = CfgFull,                  // CfgNano, CfgSmall or CfgFull
  localparam cfg_t        C       = config_of(Config),
  localparam int unsigned Bus     = C.bus,
  localparam int unsigned BusBits = Bus * 8
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  output logic                    irq_o,

  // CSRs: AXI4-Lite slave
  input  logic                    s_aw_valid_i,
  output logic                    s_aw_ready_o,
  input  logic [11:0]             s_aw_addr_i,
  input  logic                    s_w_valid_i,
  output logic                    s_w_ready_o,
  input  logic [31:0]             s_w_data_i,
  input  logic [3:0]              s_w_strb_i,
  output logic                    s_b_valid_o,
  input  logic                    s_b_ready_i,
  output logic [1:0]              s_b_resp_o,
  input  logic                    s_ar_valid_i,
  output logic                    s_ar_ready_o,
  input  logic [11:0]             s_ar_addr_i,
  output logic                    s_r_valid_o,
  input  logic                    s_r_ready_i,
  output logic [31:0]             s_r_data_o,
  output logic [1:0]              s_r_resp_o,

  // External memory: AXI4 master of core 0
  output logic                    axi_aw_valid_o,
  input  logic                    axi_aw_ready_i,
  output logic [3:0]              axi_aw_id_o,
  output logic [ExtAddrWidth-1:0] axi_aw_addr_o,
  output logic [7:0]              axi_aw_len_o,
  output logic [2:0]              axi_aw_size_o,
  output logic [1:0]              axi_aw_burst_o,
  output logic                    axi_w_valid_o,
  input  logic                    axi_w_ready_i,
  output logic [BusBits-1:0]      axi_w_data_o,
  output logic [Bus-1:0]          axi_w_strb_o,
  output logic                    axi_w_last_o,
  input  logic                    axi_b_valid_i,
  output logic                    axi_b_ready_o,
  input  logic [3:0]              axi_b_id_i,
  input  logic [1:0]              axi_b_resp_i,
  output logic                    axi_ar_valid_o,
  input  logic                    axi_ar_ready_i,
  output logic [3:0]              axi_ar_id_o,
  output logic [ExtAddrWidth-1:0] axi_ar_addr_o,
  output logic [7:0]              axi_ar_len_o,
  output logic [2:0]              axi_ar_size_o,
  output logic [1:0]              axi_ar_burst_o,
  input  logic                    axi_r_valid_i,
  output logic                    axi_r_ready_o,
  input  logic [3:0]              axi_r_id_i,
  input  logic [BusBits-1:0]      axi_r_data_i,
  input  logic [1:0]              axi_r_resp_i,
  input  logic                    axi_r_last_i
);

  logic                   l2_rd_valid, l2_rd_ready, l2_rd_rvalid, l2_wr_valid, l2_wr_ready;
  logic [L2AddrWidth-1:0] l2_rd_addr, l2_wr_addr;
  logic [BusBits-1:0]     l2_rd_rdata, l2_wr_data;
  logic [Bus/2-1:0]       l2_wr_strb;

  wren_core #(
    .Rows    (C.rows),
    .Cols    (C.cols),
    .Lanes   (C.lanes),
    .Bus     (C.bus),
    .AbBytes (C.ab),
    .WbBytes (C.wb),
    .VmBytes (C.vm),
    .AccBytes(C.acc),
    .L2Bytes (C.l2),
    .Tables  (C.tables),
    .Cores   (C.cores),
    .Compact (C.compact != 0),
    .Deep    (C.deep != 0)
  ) u_core (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .irq_o         (irq_o),
    .s_aw_valid_i  (s_aw_valid_i),
    .s_aw_ready_o  (s_aw_ready_o),
    .s_aw_addr_i   (s_aw_addr_i),
    .s_w_valid_i   (s_w_valid_i),
    .s_w_ready_o   (s_w_ready_o),
    .s_w_data_i    (s_w_data_i),
    .s_w_strb_i    (s_w_strb_i),
    .s_b_valid_o   (s_b_valid_o),
    .s_b_ready_i   (s_b_ready_i),
    .s_b_resp_o    (s_b_resp_o),
    .s_ar_valid_i  (s_ar_valid_i),
    .s_ar_ready_o  (s_ar_ready_o),
    .s_ar_addr_i   (s_ar_addr_i),
    .s_r_valid_o   (s_r_valid_o),
    .s_r_ready_i   (s_r_ready_i),
    .s_r_data_o    (s_r_data_o),
    .s_r_resp_o    (s_r_resp_o),
    .l2_rd_valid_o (l2_rd_valid),
    .l2_rd_ready_i (l2_rd_ready),
    .l2_rd_addr_o  (l2_rd_addr),
    .l2_rd_rvalid_i(l2_rd_rvalid),
    .l2_rd_rdata_i (l2_rd_rdata),
    .l2_wr_valid_o (l2_wr_valid),
    .l2_wr_ready_i (l2_wr_ready),
    .l2_wr_addr_o  (l2_wr_addr),
    .l2_wr_data_o  (l2_wr_data),
    .l2_wr_strb_o  (l2_wr_strb),
    .axi_aw_valid_o(axi_aw_valid_o),
    .axi_aw_ready_i(axi_aw_ready_i),
    .axi_aw_id_o   (axi_aw_id_o),
    .axi_aw_addr_o (axi_aw_addr_o),
    .axi_aw_len_o  (axi_aw_len_o),
    .axi_aw_size_o (axi_aw_size_o),
    .axi_aw_burst_o(axi_aw_burst_o),
    .axi_w_valid_o (axi_w_valid_o),
    .axi_w_ready_i (axi_w_ready_i),
    .axi_w_data_o  (axi_w_data_o),
    .axi_w_strb_o  (axi_w_strb_o),
    .axi_w_last_o  (axi_w_last_o),
    .axi_b_valid_i (axi_b_valid_i),
    .axi_b_ready_o (axi_b_ready_o),
    .axi_b_id_i    (axi_b_id_i),
    .axi_b_resp_i  (axi_b_resp_i),
    .axi_ar_valid_o(axi_ar_valid_o),
    .axi_ar_ready_i(axi_ar_ready_i),
    .axi_ar_id_o   (axi_ar_id_o),
    .axi_ar_addr_o (axi_ar_addr_o),
    .axi_ar_len_o  (axi_ar_len_o),
    .axi_ar_size_o (axi_ar_size_o),
    .axi_ar_burst_o(axi_ar_burst_o),
    .axi_r_valid_i (axi_r_valid_i),
    .axi_r_ready_o (axi_r_ready_o),
    .axi_r_id_i    (axi_r_id_i),
    .axi_r_data_i  (axi_r_data_i),
    .axi_r_resp_i  (axi_r_resp_i),
    .axi_r_last_i  (axi_r_last_i)
  );

  wren_l2 #(
    .NumPorts(C.cores),
    .Bus     (C.bus),
    .Bytes   (C.l2),
    .Banks   (C.l2_banks),
    .Deep    (C.deep != 0)
  ) u_l2 (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .rd_valid_i (l2_rd_valid),
    .rd_ready_o (l2_rd_ready),
    .rd_addr_i  (l2_rd_addr),
    .rd_rvalid_o(l2_rd_rvalid),
    .rd_rdata_o (l2_rd_rdata),
    .wr_valid_i (l2_wr_valid),
    .wr_ready_o (l2_wr_ready),
    .wr_addr_i  (l2_wr_addr),
    .wr_data_i  (l2_wr_data),
    .wr_strb_i  (l2_wr_strb)
  );

endmodule
