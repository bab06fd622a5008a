// wren_l2: the shared second-level memory: Banks banks of Bus-byte words, one read and one write port per core.
//
// Handshake  rd and wr are valid/ready per core. Read data come in order, exactly two cycles after the request was taken, and cannot
//            be refused. A write is in the memory when it is taken: every read taken in a later cycle sees it.
// Timing     One read and one write per core and cycle while the cores address different banks; a bank serves the cores that
//            collide in turn (reads and writes separately).
// Layout     word = address / Bus; bank = XOR of all groups of log2(Banks) bits of word, so that strides of a power of two spread;
//            row in the bank = word / Banks. With one port nothing can collide, and the banks are one memory of the same timing.
// Deep       with one port: requests pass a register on their way to the memory, so that read data come three cycles after the request.
// Limits     Addresses are Bus-aligned and below Bytes. Banks is a power of two. Contents are not reset.
`include "wren_assert.svh"

module wren_l2
  import wren_pkg::*;
#(
  parameter  int unsigned NumPorts = 1,
  parameter  int unsigned Bus      = 64,
  parameter  int unsigned Bytes    = 4194304,
  parameter  int unsigned Banks    = 8,
  parameter  bit          Deep     = 1'b0,
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

  localparam int unsigned Lg    = $clog2(Bus);
  localparam int unsigned Lb    = $clog2(Banks);
  localparam int unsigned Bw    = (Banks > 1) ? Lb : 1;
  localparam int unsigned Rows  = Bytes / Bus / Banks;
  localparam int unsigned Rw    = $clog2(Rows);
  localparam int unsigned WordW = Lb + Rw;

  `ASSERT_INIT(BanksPowerOfTwo_A, Banks == (1 << Lb))
  `ASSERT_INIT(RowsPowerOfTwo_A, Rows >= 2 && Rows == (1 << Rw))

  // XOR of the groups of Bw bits of a word's number
  function automatic logic [Bw-1:0] bank_of(input logic [L2AddrWidth-1:0] addr);
    logic [Bw-1:0] b;
    b = '0;
    if (Banks > 1) begin
      for (int unsigned i = 0; i < WordW; i++) b[i % Bw] = b[i % Bw] ^ addr[Lg + i];
    end
    return b;
  endfunction

  if (NumPorts == 1) begin : gen_single
    // Nobody to share with: every request is granted, and the banks are one memory.
    logic [BusBits-1:0] rdata, wdata;
    logic               rd_valid_q, re;
    logic [Bus/2-1:0]   we;
    logic [WordW-1:0]   waddr, raddr;

    assign rd_ready_o = 1'b1;
    assign wr_ready_o = 1'b1;

    if (Deep) begin : gen_deep
      always_ff @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) {we, re} <= '0;
        else {we, re} <= {wr_valid_i[0] ? wr_strb_i[0] : '0, rd_valid_i[0]};
      end
      always_ff @(posedge clk_i) begin
        waddr <= wr_addr_i[0][Lg +: WordW];
        raddr <= rd_addr_i[0][Lg +: WordW];
        wdata <= wr_data_i[0];
      end
    end else begin : gen_flat
      assign we    = wr_valid_i[0] ? wr_strb_i[0] : '0;
      assign re    = rd_valid_i[0];
      assign waddr = wr_addr_i[0][Lg +: WordW];
      assign raddr = rd_addr_i[0][Lg +: WordW];
      assign wdata = wr_data_i[0];
    end

    wren_ram_1r1w #(
      .Width(BusBits),
      .Depth(Rows * Banks),
      .Gran (16)
    ) u_ram (
      .clk_i  (clk_i),
      .we_i   (we),
      .waddr_i(waddr),
      .wdata_i(wdata),
      .re_i   (re),
      .raddr_i(raddr),
      .rdata_o(rdata)
    );

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) {rd_rvalid_o, rd_valid_q} <= '0;
      else {rd_rvalid_o, rd_valid_q} <= {rd_valid_q, re};
    end

    always_ff @(posedge clk_i) begin
      if (rd_valid_q) rd_rdata_o[0] <= rdata;
    end
  end else begin : gen_shared
    logic [NumPorts-1:0][Bw-1:0]    rd_bank, wr_bank;
    logic [NumPorts-1:0][Rw-1:0]    rd_row, wr_row;
    logic [Banks-1:0][NumPorts-1:0] rd_req, rd_gnt, wr_req, wr_gnt;
    logic [Banks-1:0][BusBits-1:0]  rdata;
    logic [NumPorts-1:0]            rd_valid_q;
    logic [NumPorts-1:0][Bw-1:0]    rd_bank_q;

    for (genvar p = 0; p < int'(NumPorts); p++) begin : gen_port
      assign rd_bank[p] = bank_of(rd_addr_i[p]);
      assign wr_bank[p] = bank_of(wr_addr_i[p]);
      assign rd_row[p]  = rd_addr_i[p][Lg + Lb +: Rw];
      assign wr_row[p]  = wr_addr_i[p][Lg + Lb +: Rw];

      logic [Banks-1:0] rd_hit, wr_hit;
      for (genvar b = 0; b < int'(Banks); b++) begin : gen_hit
        assign rd_req[b][p] = rd_valid_i[p] && rd_bank[p] == Bw'(b);
        assign wr_req[b][p] = wr_valid_i[p] && wr_bank[p] == Bw'(b);
        assign rd_hit[b]    = rd_gnt[b][p];
        assign wr_hit[b]    = wr_gnt[b][p];
      end
      assign rd_ready_o[p] = rd_hit != '0;
      assign wr_ready_o[p] = wr_hit != '0;

      // The bank's data, then the output register
      always_ff @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          rd_valid_q[p]  <= 1'b0;
          rd_rvalid_o[p] <= 1'b0;
        end else begin
          rd_valid_q[p]  <= rd_valid_i[p] && rd_ready_o[p];
          rd_rvalid_o[p] <= rd_valid_q[p];
        end
      end

      always_ff @(posedge clk_i) begin
        if (rd_valid_i[p] && rd_ready_o[p]) rd_bank_q[p] <= rd_bank[p];
        if (rd_valid_q[p]) rd_rdata_o[p] <= rdata[rd_bank_q[p]];
      end
    end

    for (genvar b = 0; b < int'(Banks); b++) begin : gen_bank
      wren_l2_bank #(
        .NumPorts(NumPorts),
        .Width   (BusBits),
        .Depth   (Rows)
      ) u_bank (
        .clk_i    (clk_i),
        .rst_ni   (rst_ni),
        .rd_req_i (rd_req[b]),
        .rd_gnt_o (rd_gnt[b]),
        .rd_row_i (rd_row),
        .rdata_o  (rdata[b]),
        .wr_req_i (wr_req[b]),
        .wr_gnt_o (wr_gnt[b]),
        .wr_row_i (wr_row),
        .wr_data_i(wr_data_i),
        .wr_strb_i(wr_strb_i)
      );
      `ASSERT(OneReader_A, $onehot0(rd_gnt[b]))
      `ASSERT(OneWriter_A, $onehot0(wr_gnt[b]))
    end
  end

  for (genvar p = 0; p < int'(NumPorts); p++) begin : gen_check
    `ASSERT(ReadInRange_A, rd_valid_i[p] -> rd_addr_i[p] <= L2AddrWidth'(Bytes - Bus) && rd_addr_i[p][Lg-1:0] == '0)
    `ASSERT(WriteInRange_A, wr_valid_i[p] -> wr_addr_i[p] <= L2AddrWidth'(Bytes - Bus) && wr_addr_i[p][Lg-1:0] == '0)
  end

endmodule
