// wren_l2: the shared second-level memory: Banks banks of Bus-byte words, one read and one write port per core.
//
// Handshake  rd and wr are valid/ready per core. Read data come in order, exactly two cycles after the request was taken, and cannot
//            be refused. A write is in the memory when it is taken: every read taken in a later cycle sees it.
// Timing     One read and one write per core and cycle while the cores address different banks; a bank serves the cores that
//            collide in turn (reads and writes separately).
// Layout     word = address / Bus; bank = XOR of all groups of log2(Banks) bits of word, so that strides of a power of two spread;
//            row in the bank = word / Banks.
// Limits     Addresses are Bus-aligned and below Bytes. Banks is a power of two. Contents are not reset.
module wren_l2
  import wren_pkg::*;
#(
  parameter  int unsigned NumPorts = 1,
  parameter  int unsigned Bus      = 64,
  parameter  int unsigned Bytes    = 4194304,
  parameter  int unsigned Banks    = 8,
  localparam int unsigned BusBits  = Bus * 8
) (
  input  logic                                  clk_i,
  input  logic                                  rst_ni,

  // Read ports
  input  logic [NumPorts-1:0]                   rd_valid_i,
  output logic [NumPorts-1:0]                   rd_ready_o,
  input  logic [NumPorts-1:0][L2AddrWidth-1:0]  rd_addr_i,
  output logic [NumPorts-1:0]                   rd_rvalid_o,
  output logic [NumPorts-1:0][BusBits-1:0]      rd_rdata_o,

  // Write ports
  input  logic [NumPorts-1:0]                   wr_valid_i,
  output logic [NumPorts-1:0]                   wr_ready_o,
  input  logic [NumPorts-1:0][L2AddrWidth-1:0]  wr_addr_i,
  input  logic [NumPorts-1:0][BusBits-1:0]      wr_data_i,
  input  logic [NumPorts-1:0][Bus/2-1:0]        wr_strb_i   // one bit per 2 bytes
);

endmodule
