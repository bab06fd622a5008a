// wren_soc_ram: on-chip memory with an AXI4 slave for the core and a port of single words for wren_link.
//
// AXI        INCR bursts of whole beats (size = bus); one read burst and one write burst at a time, one beat per cycle.
//            A beat outside the memory answers DECERR: reads as zero, writes nothing.
// Words      valid/ready; served between bursts; read data the cycle after ready.
// Limits     Contents are not reset. A read while a write of the same beat is under way returns the old or the new beat.
module wren_soc_ram
  import wren_pkg::*;
#(
  parameter  int unsigned Bus     = 16,
  parameter  int unsigned Bytes   = 65536,
  localparam int unsigned BusBits = Bus * 8,
  localparam int unsigned Bw      = $clog2(Bus),
  localparam int unsigned Depth   = Bytes / Bus,
  localparam int unsigned Iw      = $clog2(Depth),
  localparam int unsigned Tw      = ExtAddrWidth - Bw           // beat address
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,

  // AXI4 slave
  input  logic                    aw_valid_i,
  output logic                    aw_ready_o,
  input  logic [3:0]              aw_id_i,
  input  logic [ExtAddrWidth-1:0] aw_addr_i,
  input  logic                    w_valid_i,
  output logic                    w_ready_o,
  input  logic [BusBits-1:0]      w_data_i,
  input  logic [Bus-1:0]          w_strb_i,
  input  logic                    w_last_i,
  output logic                    b_valid_o,
  input  logic                    b_ready_i,
  output logic [3:0]              b_id_o,
  output logic [1:0]              b_resp_o,
  input  logic                    ar_valid_i,
  output logic                    ar_ready_o,
  input  logic [3:0]              ar_id_i,
  input  logic [ExtAddrWidth-1:0] ar_addr_i,
  input  logic [7:0]              ar_len_i,
  output logic                    r_valid_o,
  input  logic                    r_ready_i,
  output logic [3:0]              r_id_o,
  output logic [BusBits-1:0]      r_data_o,
  output logic [1:0]              r_resp_o,
  output logic                    r_last_o,

  // Words
  input  logic                    mem_valid_i,
  output logic                    mem_ready_o,
  input  logic                    mem_write_i,
  input  logic [31:0]             mem_addr_i,
  input  logic [31:0]             mem_wdata_i,
  output logic [31:0]             mem_rdata_o
);

  localparam logic [1:0] Okay = 2'b00, DecErr = 2'b11;

  logic [Bus-1:0]     we;
  logic [Iw-1:0]      waddr, raddr;
  logic [BusBits-1:0] wdata, rdata;
  logic               re, rd_word, wr_word;

  wren_ram_1r1w #(
    .Width(BusBits),
    .Depth(Depth),
    .Gran (8)
  ) u_ram (
    .clk_i  (clk_i),
    .we_i   (we),
    .waddr_i(waddr),
    .wdata_i(wdata),
    .re_i   (re),
    .raddr_i(raddr),
    .rdata_o(rdata)
  );

  // ---- reads: the RAM's output holds a beat until R takes it, and the next one is read in that cycle.
  logic          rd_busy_q, r_bad_q;                            // rd_busy_q: r_valid_o
  logic [7:0]    rd_left_q;
  logic [Tw-1:0] rd_beat_q, rd_beat;                            // next beat to be read
  logic [3:0]    rd_id_q;
  logic          rd_start, rd_next;

  assign ar_ready_o = !rd_busy_q && !rd_word;
  assign rd_word    = mem_valid_i && !mem_write_i && !rd_busy_q;
  assign rd_start   = ar_valid_i && ar_ready_o;
  assign rd_next    = rd_busy_q && r_ready_i && rd_left_q != '0;
  assign rd_beat    = rd_start ? ar_addr_i[ExtAddrWidth-1:Bw] : rd_beat_q;
  assign re         = rd_start || rd_next || rd_word;
  assign raddr      = rd_word ? mem_addr_i[Bw +: Iw] : rd_beat[Iw-1:0];
  assign r_valid_o  = rd_busy_q;
  assign r_id_o     = rd_id_q;
  assign r_last_o   = rd_left_q == '0;
  assign r_resp_o   = r_bad_q ? DecErr : Okay;
  assign r_data_o   = r_bad_q ? '0 : rdata;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rd_busy_q <= 1'b0;
      rd_left_q <= '0;
      rd_beat_q <= '0;
      rd_id_q   <= '0;
      r_bad_q   <= 1'b0;
    end else begin
      if (rd_start) begin
        rd_busy_q <= 1'b1;
        rd_left_q <= ar_len_i;
        rd_id_q   <= ar_id_i;
      end else if (rd_busy_q && r_ready_i) begin
        rd_busy_q <= rd_left_q != '0;
        rd_left_q <= rd_left_q - 8'd1;
      end
      if (rd_start || rd_next) begin
        rd_beat_q <= rd_beat + Tw'(1);
        r_bad_q   <= rd_beat >= Tw'(Depth);
      end
    end
  end

  // ---- writes
  logic          wr_busy_q, b_valid_q, b_bad_q, wr_good, wr_fires;
  logic [Tw-1:0] wr_beat_q;
  logic [3:0]    wr_id_q;

  assign aw_ready_o = !wr_busy_q && !b_valid_q && !wr_word;
  assign wr_word    = mem_valid_i && mem_write_i && !wr_busy_q;
  assign w_ready_o  = wr_busy_q;
  assign wr_fires   = w_valid_i && w_ready_o;
  assign wr_good    = wr_beat_q < Tw'(Depth);
  assign b_valid_o  = b_valid_q;
  assign b_id_o     = wr_id_q;
  assign b_resp_o   = b_bad_q ? DecErr : Okay;

  always_comb begin
    we    = '0;
    waddr = wr_beat_q[Iw-1:0];
    wdata = w_data_i;
    if (wr_fires && wr_good) we = w_strb_i;
    if (wr_word) begin
      we    = Bus'(15) << {mem_addr_i[Bw-1:2], 2'b00};
      waddr = mem_addr_i[Bw +: Iw];
      wdata = {(BusBits/32){mem_wdata_i}};
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wr_busy_q <= 1'b0;
      b_valid_q <= 1'b0;
      b_bad_q   <= 1'b0;
      wr_beat_q <= '0;
      wr_id_q   <= '0;
    end else begin
      if (aw_valid_i && aw_ready_o) begin
        wr_busy_q <= 1'b1;
        b_bad_q   <= 1'b0;
        wr_beat_q <= aw_addr_i[ExtAddrWidth-1:Bw];
        wr_id_q   <= aw_id_i;
      end
      if (wr_fires) begin
        wr_beat_q <= wr_beat_q + Tw'(1);
        if (!wr_good) b_bad_q <= 1'b1;
        if (w_last_i) wr_busy_q <= 1'b0;
      end
      if (wr_fires && w_last_i) b_valid_q <= 1'b1;
      else if (b_ready_i) b_valid_q <= 1'b0;
    end
  end

  // ---- words
  logic [Bw-3:0] word_q;
  assign mem_ready_o = rd_word || wr_word;
  assign mem_rdata_o = rdata[{word_q, 5'd0} +: 32];
  always_ff @(posedge clk_i) begin
    if (rd_word) word_q <= mem_addr_i[Bw-1:2];
  end

  logic unused;
  assign unused = ^{mem_addr_i[31:Bw+Iw], mem_addr_i[1:0], aw_addr_i[Bw-1:0], ar_addr_i[Bw-1:0]};

endmodule
