// wren_dma: the DMA of one core: LD and ST channels that share one AXI4 master and the core's ports into L2.
//
// Handshake  cmd is valid/ready with all waits already satisfied; done is one pulse per retired command, in order. A command whose
//            transfer fails raises err for one cycle instead, and its channel stops until reset. halt_i (level) starts nothing new:
//            no further burst, beat or command; bursts already on the bus end. idle_o: no AXI or L2 transfer is under way, reset is safe.
// Writes     One LD write port for all memories: wr_plane/addr/data/strb go to every target, the valid of one of them is high.
//            addr is Bus-aligned; strb has one bit per 16 bytes, and at least one is set. wr_plane: 0 data, 1 scale (AB, WB).
// Reads      vm_st_rd and vm_ix return data one cycle after the grant. L2 returns in order, any latency, without back-pressure.
// Fetch      fetch_ar_len is beats - 1, a burst must not cross 4 KiB; fetch_r has no back-pressure.
// Timing     One beat per cycle and channel; at least 16 read and 16 write bursts outstanding.
module wren_dma
  import wren_pkg::*;
#(
  parameter  int unsigned Bus       = 64,       // bytes per beat: 16 or 64
  parameter  int unsigned L2Bytes   = 4194304,  // gather checks its addresses against it
  parameter  int unsigned MaxReads  = 32,       // LD read bursts outstanding
  parameter  int unsigned MaxWrites = 32,       // ST write bursts outstanding
  localparam int unsigned BusBits   = Bus * 8
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    halt_i,
  output logic                    idle_o,

  // LD commands
  input  logic                    ld_cmd_valid_i,
  output logic                    ld_cmd_ready_o,
  input  logic [CmdBits-1:0]      ld_cmd_i,
  output logic                    ld_done_o,
  output bucket_e                 ld_bucket_o,
  output logic                    ld_err_valid_o,
  output logic [3:0]              ld_err_code_o,
  output logic [31:0]             ld_err_info_o,
  output logic [ExtAddrWidth-1:0] ld_err_addr_o,

  // ST commands
  input  logic                    st_cmd_valid_i,
  output logic                    st_cmd_ready_o,
  input  logic [CmdBits-1:0]      st_cmd_i,
  output logic                    st_done_o,
  output bucket_e                 st_bucket_o,
  output logic                    st_err_valid_o,
  output logic [3:0]              st_err_code_o,
  output logic [31:0]             st_err_info_o,
  output logic [ExtAddrWidth-1:0] st_err_addr_o,

  // LD writes into the core's memories
  output logic                    ab_wr_valid_o,
  input  logic                    ab_wr_ready_i,
  output logic                    wb_wr_valid_o,
  input  logic                    wb_wr_ready_i,
  output logic                    vm_wr_valid_o,
  input  logic                    vm_wr_ready_i,
  output logic                    lut_wr_valid_o,
  input  logic                    lut_wr_ready_i,
  output logic                    wr_plane_o,
  output logic [31:0]             wr_addr_o,
  output logic [BusBits-1:0]      wr_data_o,
  output logic [Bus/16-1:0]       wr_strb_o,

  // VM: data of ST, indices of LD
  output logic                    vm_st_rd_valid_o,
  input  logic                    vm_st_rd_ready_i,
  output logic [VmAddrWidth-1:0]  vm_st_rd_addr_o,   // Bus-aligned
  input  logic [BusBits-1:0]      vm_st_rd_data_i,
  output logic                    vm_ix_valid_o,
  input  logic                    vm_ix_ready_i,
  output logic [VmAddrWidth-1:0]  vm_ix_addr_o,      // multiple of 4
  input  logic [31:0]             vm_ix_data_i,

  // L2
  output logic                    l2_rd_valid_o,
  input  logic                    l2_rd_ready_i,
  output logic [L2AddrWidth-1:0]  l2_rd_addr_o,      // Bus-aligned
  input  logic                    l2_rd_rvalid_i,
  input  logic [BusBits-1:0]      l2_rd_rdata_i,
  output logic                    l2_wr_valid_o,
  input  logic                    l2_wr_ready_i,
  output logic [L2AddrWidth-1:0]  l2_wr_addr_o,      // Bus-aligned
  output logic [BusBits-1:0]      l2_wr_data_o,
  output logic [Bus/2-1:0]        l2_wr_strb_o,      // one bit per 2 bytes

  // Command fetch
  input  logic                    fetch_ar_valid_i,
  output logic                    fetch_ar_ready_o,
  input  logic [ExtAddrWidth-1:0] fetch_ar_addr_i,   // Bus-aligned
  input  logic [7:0]              fetch_ar_len_i,    // beats - 1
  output logic                    fetch_r_valid_o,
  output logic [BusBits-1:0]      fetch_r_data_o,
  output logic                    fetch_r_last_o,
  output logic                    fetch_r_err_o,
  output logic [1:0]              fetch_r_resp_o,

  // AXI4 master
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
  input  logic                    axi_r_last_i,

  // Performance: bytes moved in this cycle
  output logic [7:0]              rd_bytes_o,        // AXI reads of LD, whole beats
  output logic [7:0]              wr_bytes_o,        // AXI writes, strobed bytes
  output logic [7:0]              fetch_bytes_o      // AXI reads of the command fetch
);

endmodule
