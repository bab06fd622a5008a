// wren_axi: wren_top under the port names that Vivado's block designs know, in Verilog because they take no SystemVerilog module.
//
// Ports      s_axi AXI4-Lite to the CSRs (4 KiB), m_axi AXI4 to memory (40-bit addresses, INCR bursts of whole beats), irq level-high.
//            All on aclk; aresetn may fall at any time and rises with aclk.
// CONFIG     0 nano (m_axi of 128 bits), 1 small, 2 full (512 bits); BUS_BYTES follows from it.
module wren_axi #(
  parameter CONFIG    = 0,
  parameter BUS_BYTES = (CONFIG == 0) ? 16 : 64
) (
  (* X_INTERFACE_PARAMETER = "ASSOCIATED_BUSIF s_axi:m_axi, ASSOCIATED_RESET aresetn" *)
  (* X_INTERFACE_INFO = "xilinx.com:signal:clock:1.0 aclk CLK" *)
  input  wire aclk,
  (* X_INTERFACE_PARAMETER = "POLARITY ACTIVE_LOW" *)
  (* X_INTERFACE_INFO = "xilinx.com:signal:reset:1.0 aresetn RST" *)
  input  wire aresetn,
  (* X_INTERFACE_PARAMETER = "SENSITIVITY LEVEL_HIGH" *)
  (* X_INTERFACE_INFO = "xilinx.com:signal:interrupt:1.0 irq INTERRUPT" *)
  output wire irq,
  (* X_INTERFACE_PARAMETER = "PROTOCOL AXI4LITE, ADDR_WIDTH 12, DATA_WIDTH 32" *)
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi AWADDR" *)
  input  wire [11:0] s_axi_awaddr,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi AWVALID" *)
  input  wire s_axi_awvalid,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi AWREADY" *)
  output wire s_axi_awready,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi WDATA" *)
  input  wire [31:0] s_axi_wdata,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi WSTRB" *)
  input  wire [3:0] s_axi_wstrb,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi WVALID" *)
  input  wire s_axi_wvalid,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi WREADY" *)
  output wire s_axi_wready,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi BRESP" *)
  output wire [1:0] s_axi_bresp,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi BVALID" *)
  output wire s_axi_bvalid,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi BREADY" *)
  input  wire s_axi_bready,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi ARADDR" *)
  input  wire [11:0] s_axi_araddr,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi ARVALID" *)
  input  wire s_axi_arvalid,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi ARREADY" *)
  output wire s_axi_arready,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi RDATA" *)
  output wire [31:0] s_axi_rdata,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi RRESP" *)
  output wire [1:0] s_axi_rresp,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi RVALID" *)
  output wire s_axi_rvalid,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi RREADY" *)
  input  wire s_axi_rready,
  (* X_INTERFACE_PARAMETER = "PROTOCOL AXI4, ADDR_WIDTH 40, ID_WIDTH 4, MAX_BURST_LENGTH 64, SUPPORTS_NARROW_BURST 0, NUM_READ_OUTSTANDING 16, NUM_WRITE_OUTSTANDING 16" *)
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi AWID" *)
  output wire [3:0] m_axi_awid,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi AWADDR" *)
  output wire [39:0] m_axi_awaddr,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi AWLEN" *)
  output wire [7:0] m_axi_awlen,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi AWSIZE" *)
  output wire [2:0] m_axi_awsize,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi AWBURST" *)
  output wire [1:0] m_axi_awburst,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi AWCACHE" *)
  output wire [3:0] m_axi_awcache,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi AWPROT" *)
  output wire [2:0] m_axi_awprot,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi AWVALID" *)
  output wire m_axi_awvalid,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi AWREADY" *)
  input  wire m_axi_awready,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi WDATA" *)
  output wire [BUS_BYTES*8-1:0] m_axi_wdata,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi WSTRB" *)
  output wire [BUS_BYTES-1:0] m_axi_wstrb,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi WLAST" *)
  output wire m_axi_wlast,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi WVALID" *)
  output wire m_axi_wvalid,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi WREADY" *)
  input  wire m_axi_wready,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi BID" *)
  input  wire [3:0] m_axi_bid,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi BRESP" *)
  input  wire [1:0] m_axi_bresp,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi BVALID" *)
  input  wire m_axi_bvalid,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi BREADY" *)
  output wire m_axi_bready,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi ARID" *)
  output wire [3:0] m_axi_arid,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi ARADDR" *)
  output wire [39:0] m_axi_araddr,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi ARLEN" *)
  output wire [7:0] m_axi_arlen,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi ARSIZE" *)
  output wire [2:0] m_axi_arsize,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi ARBURST" *)
  output wire [1:0] m_axi_arburst,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi ARCACHE" *)
  output wire [3:0] m_axi_arcache,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi ARPROT" *)
  output wire [2:0] m_axi_arprot,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi ARVALID" *)
  output wire m_axi_arvalid,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi ARREADY" *)
  input  wire m_axi_arready,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi RID" *)
  input  wire [3:0] m_axi_rid,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi RDATA" *)
  input  wire [BUS_BYTES*8-1:0] m_axi_rdata,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi RRESP" *)
  input  wire [1:0] m_axi_rresp,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi RLAST" *)
  input  wire m_axi_rlast,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi RVALID" *)
  input  wire m_axi_rvalid,
  (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 m_axi RREADY" *)
  output wire m_axi_rready
);

  assign m_axi_awcache = 4'b0011;   // normal memory, not cached
  assign m_axi_arcache = 4'b0011;
  assign m_axi_awprot  = 3'b000;
  assign m_axi_arprot  = 3'b000;

  wren_top #(
    .Config(CONFIG)
  ) u_wren (
    .clk_i          (aclk),
    .rst_ni         (aresetn),
    .irq_o          (irq),
    .s_aw_valid_i   (s_axi_awvalid),
    .s_aw_ready_o   (s_axi_awready),
    .s_aw_addr_i    (s_axi_awaddr),
    .s_w_valid_i    (s_axi_wvalid),
    .s_w_ready_o    (s_axi_wready),
    .s_w_data_i     (s_axi_wdata),
    .s_w_strb_i     (s_axi_wstrb),
    .s_b_valid_o    (s_axi_bvalid),
    .s_b_ready_i    (s_axi_bready),
    .s_b_resp_o     (s_axi_bresp),
    .s_ar_valid_i   (s_axi_arvalid),
    .s_ar_ready_o   (s_axi_arready),
    .s_ar_addr_i    (s_axi_araddr),
    .s_r_valid_o    (s_axi_rvalid),
    .s_r_ready_i    (s_axi_rready),
    .s_r_data_o     (s_axi_rdata),
    .s_r_resp_o     (s_axi_rresp),
    .axi_aw_valid_o (m_axi_awvalid),
    .axi_aw_ready_i (m_axi_awready),
    .axi_aw_id_o    (m_axi_awid),
    .axi_aw_addr_o  (m_axi_awaddr),
    .axi_aw_len_o   (m_axi_awlen),
    .axi_aw_size_o  (m_axi_awsize),
    .axi_aw_burst_o (m_axi_awburst),
    .axi_w_valid_o  (m_axi_wvalid),
    .axi_w_ready_i  (m_axi_wready),
    .axi_w_data_o   (m_axi_wdata),
    .axi_w_strb_o   (m_axi_wstrb),
    .axi_w_last_o   (m_axi_wlast),
    .axi_b_valid_i  (m_axi_bvalid),
    .axi_b_ready_o  (m_axi_bready),
    .axi_b_id_i     (m_axi_bid),
    .axi_b_resp_i   (m_axi_bresp),
    .axi_ar_valid_o (m_axi_arvalid),
    .axi_ar_ready_i (m_axi_arready),
    .axi_ar_id_o    (m_axi_arid),
    .axi_ar_addr_o  (m_axi_araddr),
    .axi_ar_len_o   (m_axi_arlen),
    .axi_ar_size_o  (m_axi_arsize),
    .axi_ar_burst_o (m_axi_arburst),
    .axi_r_valid_i  (m_axi_rvalid),
    .axi_r_ready_o  (m_axi_rready),
    .axi_r_id_i     (m_axi_rid),
    .axi_r_data_i   (m_axi_rdata),
    .axi_r_resp_i   (m_axi_rresp),
    .axi_r_last_i   (m_axi_rlast)
  );

endmodule
