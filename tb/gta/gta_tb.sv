// gta_tb: the vector engine with its memory, as the bench drives it: commands, ACC, AB, LD, ST and gather ports outside.
module gta_tb
  import wren_pkg::*;
#(
  parameter  int unsigned Config = CfgFull,
  parameter  bit          Flat   = 1'b0,      // without the deep pipelines that the configuration may have
  localparam cfg_t        Cfg    = config_of(Config),
  localparam int unsigned Rows   = Cfg.rows,
  localparam int unsigned Cols   = Cfg.cols,
  localparam int unsigned Lanes  = Cfg.lanes,
  localparam int unsigned Bus    = Cfg.bus,
  localparam int unsigned Lw     = $clog2(Rows)
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,

  // Commands
  input  logic                    cmd_valid_i,
  output logic                    cmd_ready_o,
  input  logic [CmdBits-1:0]      cmd_i,
  output logic                    done_o,
  output logic [2:0]              bucket_o,
  output logic                    numeric_o,

  // ACC, AB
  output logic                    x_valid_o,
  input  logic                    x_ready_i,
  output logic [15:0]             x_word_o,
  output logic [Lw-1:0]           x_row_o,
  input  logic [2*Cols-1:0][31:0] x_data_i,
  output logic                    ab_valid_o,
  output logic [15:0]             ab_word_o,
  output logic [Lw-1:0]           ab_lane_o,
  output logic [255:0]            ab_data_o,
  output logic [15:0]             ab_scale_o,

  // LD, ST, gather
  input  logic                    vm_wr_valid_i,
  output logic                    vm_wr_ready_o,
  input  logic                    lut_wr_valid_i,
  output logic                    lut_wr_ready_o,
  input  logic [31:0]             wr_addr_i,
  input  logic [Bus*8-1:0]        wr_data_i,
  input  logic [Bus/16-1:0]       wr_strb_i,
  input  logic                    st_rd_valid_i,
  output logic                    st_rd_ready_o,
  input  logic [VmAddrWidth-1:0]  st_rd_addr_i,
  output logic [Bus*8-1:0]        st_rd_data_o,
  input  logic                    ix_valid_i,
  output logic                    ix_ready_o,
  input  logic [VmAddrWidth-1:0]  ix_addr_i,
  output logic [31:0]             ix_data_o,

  // Writes into VM, as they are taken
  output logic                    out_valid_o,
  output logic [VmAddrWidth-1:0]  out_addr_o,
  output logic [Lanes-1:0][31:0]  out_data_o,
  output logic [Lanes*2-1:0]      out_strb_o,
  output logic                    osc_taken_o,
  output logic [VmAddrWidth-1:0]  osc_addr_o,
  output logic [15:0]             osc_data_o,
  output logic                    red_taken_o,
  output logic [VmAddrWidth-1:0]  red_addr_o,
  output logic [31:0]             red_data_o
);

  localparam int unsigned Iw = $clog2(Cfg.vm / (Lanes * 4)) - 2;

  logic [3:0]             g_rd_en;
  logic [3:0][Iw-1:0]     g_rd_idx;
  logic [Lanes-1:0][31:0] g_rd_data0, g_rd_data1, g_rd_data2, g_rd_data3;
  logic                   osc_valid, osc_ready, red_valid, red_ready;
  bucket_e                bucket;

  assign bucket_o    = bucket;
  assign osc_taken_o = osc_valid && osc_ready;
  assign red_taken_o = red_valid && red_ready;

  wren_gta #(
    .Rows    (Rows),
    .Cols    (Cols),
    .Lanes   (Lanes),
    .Bus     (Bus),
    .VmBytes (Cfg.vm),
    .AccWords(Cfg.acc / (Rows * Cols * 4)),
    .AbWords (Cfg.ab / (Rows * 32)),
    .Tables  (Cfg.tables),
    .Deep    (!Flat && Cfg.deep != 0)
  ) u_gta (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .cmd_valid_i   (cmd_valid_i),
    .cmd_ready_o   (cmd_ready_o),
    .cmd_i         (cmd_i),
    .done_o        (done_o),
    .bucket_o      (bucket),
    .numeric_o     (numeric_o),
    .g_rd_en_o     (g_rd_en),
    .g_rd_idx_o    (g_rd_idx),
    .g_rd_data0_i  (g_rd_data0),
    .g_rd_data1_i  (g_rd_data1),
    .g_rd_data2_i  (g_rd_data2),
    .g_rd_data3_i  (g_rd_data3),
    .g_wr_valid_o  (out_valid_o),
    .g_wr_addr_o   (out_addr_o),
    .g_wr_data_o   (out_data_o),
    .g_wr_strb_o   (out_strb_o),
    .osc_valid_o   (osc_valid),
    .osc_ready_i   (osc_ready),
    .osc_addr_o    (osc_addr_o),
    .osc_data_o    (osc_data_o),
    .red_valid_o   (red_valid),
    .red_ready_i   (red_ready),
    .red_addr_o    (red_addr_o),
    .red_data_o    (red_data_o),
    .x_valid_o     (x_valid_o),
    .x_ready_i     (x_ready_i),
    .x_word_o      (x_word_o),
    .x_row_o       (x_row_o),
    .x_data_i      (x_data_i),
    .ab_valid_o    (ab_valid_o),
    .ab_word_o     (ab_word_o),
    .ab_lane_o     (ab_lane_o),
    .ab_data_o     (ab_data_o),
    .ab_scale_o    (ab_scale_o),
    .lut_wr_valid_i(lut_wr_valid_i),
    .lut_wr_ready_o(lut_wr_ready_o),
    .lut_wr_addr_i (wr_addr_i),
    .lut_wr_data_i (wr_data_i),
    .lut_wr_strb_i (wr_strb_i)
  );

  wren_vm #(
    .Lanes  (Lanes),
    .Bus    (Bus),
    .VmBytes(Cfg.vm)
  ) u_vm (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .g_rd_en_i    (g_rd_en),
    .g_rd_idx_i   (g_rd_idx),
    .g_rd_data0_o (g_rd_data0),
    .g_rd_data1_o (g_rd_data1),
    .g_rd_data2_o (g_rd_data2),
    .g_rd_data3_o (g_rd_data3),
    .g_wr_valid_i (out_valid_o),
    .g_wr_addr_i  (out_addr_o),
    .g_wr_data_i  (out_data_o),
    .g_wr_strb_i  (out_strb_o),
    .osc_valid_i  (osc_valid),
    .osc_ready_o  (osc_ready),
    .osc_addr_i   (osc_addr_o),
    .osc_data_i   (osc_data_o),
    .red_valid_i  (red_valid),
    .red_ready_o  (red_ready),
    .red_addr_i   (red_addr_o),
    .red_data_i   (red_data_o),
    .wr_valid_i   (vm_wr_valid_i),
    .wr_ready_o   (vm_wr_ready_o),
    .wr_addr_i    (wr_addr_i),
    .wr_data_i    (wr_data_i),
    .wr_strb_i    (wr_strb_i),
    .st_rd_valid_i(st_rd_valid_i),
    .st_rd_ready_o(st_rd_ready_o),
    .st_rd_addr_i (st_rd_addr_i),
    .st_rd_data_o (st_rd_data_o),
    .ix_valid_i   (ix_valid_i),
    .ix_ready_o   (ix_ready_o),
    .ix_addr_i    (ix_addr_i),
    .ix_data_o    (ix_data_o)
  );

endmodule
