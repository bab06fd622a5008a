// wren_vm: the vector memory, words of Lanes*4 bytes in four banks (bank = word index mod 4), and the arbiter of its users.
//
// GTA reads   one word per bank and cycle, always granted; data the cycle after g_rd_en_i, held until the bank's next read.
// GTA writes  results are always taken; scales and reductions are valid/ready and wait while a write of higher rank has their bank.
// LD write    valid/ready; one Bus-aligned beat, one strobe per 16 bytes; ranks last, so it waits while the GTA writes its bank.
// ST read     valid/ready, Bus-aligned; data the cycle after the grant. Waits while the GTA or a gather index reads the bank.
// Gather      valid/ready, 32 bits; data the cycle after the grant. Waits while the GTA reads the bank.
// Timing      a write is in memory two edges after it is taken (arbitrated, then written): a read issued two cycles later sees it.
// Wide beats  A beat of more than Lanes*4 bytes is in Bus/(Lanes*4) neighbouring banks: LD and ST wait until all of them are free.
// Limits      Bus <= Lanes*16. A word read in the cycle in which it is written returns old or new content; semaphores keep users apart.
`include "wren_assert.svh"

module wren_vm
  import wren_pkg::*;
#(
  parameter  int unsigned Lanes   = 32,
  parameter  int unsigned Bus     = 64,       // bytes per DMA beat
  parameter  int unsigned VmBytes = 262144,
  localparam int unsigned Words   = VmBytes / (Lanes * 4),
  localparam int unsigned Iw      = $clog2(Words) - 2    // index of a word in its bank
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,

  // GTA operand reads, one per bank
  input  logic [3:0]              g_rd_en_i,
  input  logic [3:0][Iw-1:0]      g_rd_idx_i,
  output logic [Lanes-1:0][31:0]  g_rd_data0_o,
  output logic [Lanes-1:0][31:0]  g_rd_data1_o,
  output logic [Lanes-1:0][31:0]  g_rd_data2_o,
  output logic [Lanes-1:0][31:0]  g_rd_data3_o,

  // GTA results: the word at a byte address (multiple of Lanes*4), one strobe per 16 bits
  input  logic                    g_wr_valid_i,
  input  logic [VmAddrWidth-1:0]  g_wr_addr_i,
  input  logic [Lanes-1:0][31:0]  g_wr_data_i,
  input  logic [Lanes*2-1:0]      g_wr_strb_i,

  // GTA scales of q8_0 blocks
  input  logic                    osc_valid_i,
  output logic                    osc_ready_o,
  input  logic [VmAddrWidth-1:0]  osc_addr_i,            // multiple of 2
  input  logic [15:0]             osc_data_i,

  // GTA reductions
  input  logic                    red_valid_i,
  output logic                    red_ready_o,
  input  logic [VmAddrWidth-1:0]  red_addr_i,            // multiple of 4
  input  logic [31:0]             red_data_i,

  // LD write
  input  logic                    wr_valid_i,
  output logic                    wr_ready_o,
  input  logic [31:0]             wr_addr_i,             // byte address, Bus-aligned
  input  logic [Bus*8-1:0]        wr_data_i,
  input  logic [Bus/16-1:0]       wr_strb_i,

  // ST read
  input  logic                    st_rd_valid_i,
  output logic                    st_rd_ready_o,
  input  logic [VmAddrWidth-1:0]  st_rd_addr_i,          // byte address, Bus-aligned
  output logic [Bus*8-1:0]        st_rd_data_o,

  // Gather index read
  input  logic                    ix_valid_i,
  output logic                    ix_ready_o,
  input  logic [VmAddrWidth-1:0]  ix_addr_i,             // byte address, multiple of 4
  output logic [31:0]             ix_data_o
);

  localparam int unsigned Bw    = $clog2(Lanes * 4);     // byte offset in a word
  localparam int unsigned Lw    = $clog2(Lanes);
  localparam int unsigned Parts = (Lanes * 4 > Bus) ? (Lanes * 4) / Bus : 1;   // DMA beats in a word
  localparam int unsigned Span  = (Lanes * 4 < Bus) ? Bus / (Lanes * 4) : 1;   // words, and banks, of a DMA beat
  localparam int unsigned Pw    = (Parts > 1) ? $clog2(Parts) : 1;
  localparam int unsigned Bl    = Bus / 4;               // 32-bit words in a DMA beat
  localparam int unsigned Unit  = (Lanes * 2 < 8) ? Lanes * 2 : 8;             // strobes of a word that one strobe of a beat sets

  typedef logic [Lanes-1:0][31:0] row_t;

  // Which bank each user wants
  logic [1:0] res_bank, osc_bank, red_bank, ld_bank, st_bank, ix_bank;
  logic [3:0] res_sel, osc_sel, red_sel, ld_sel;         // bank b is written by this user
  logic [3:0] ix_sel, st_sel;                            // bank b is read by this user
  logic       wr_any, wr_any_q;                          // a write is asked for; was

  function automatic logic [3:0] onehot(input logic valid, input logic [1:0] bank);
    return valid ? (4'b0001 << bank) : 4'b0000;
  endfunction

  // The banks of a DMA beat, whose address is a multiple of Bus
  function automatic logic [3:0] spanned(input logic valid, input logic [1:0] bank);
    return valid ? (4'((1 << Span) - 1) << bank) : 4'b0000;
  endfunction
  // All of them, or none if one is in use
  function automatic logic [3:0] unless_used(input logic [3:0] banks, input logic [3:0] used);
    if (Span == 1) return banks & ~used;
    return ((banks & used) == '0) ? banks : 4'b0000;
  endfunction

  assign res_bank = g_wr_addr_i[Bw +: 2];
  assign osc_bank = osc_addr_i[Bw +: 2];
  assign red_bank = red_addr_i[Bw +: 2];
  assign ld_bank  = wr_addr_i[Bw +: 2];
  assign st_bank  = st_rd_addr_i[Bw +: 2];
  assign ix_bank  = ix_addr_i[Bw +: 2];

  assign wr_any = g_wr_valid_i || osc_valid_i || red_valid_i || wr_valid_i;
  always_comb begin
    res_sel = '0;
    osc_sel = '0;
    red_sel = '0;
    ld_sel  = '0;
    if (wr_any) begin
      res_sel = onehot(g_wr_valid_i, res_bank);
      osc_sel = onehot(osc_valid_i, osc_bank) & ~res_sel;
      red_sel = onehot(red_valid_i, red_bank) & ~res_sel & ~osc_sel;
      ld_sel  = unless_used(spanned(wr_valid_i, ld_bank), res_sel | osc_sel | red_sel);
    end
    ix_sel = '0;
    st_sel = '0;
    if (ix_valid_i || st_rd_valid_i) begin
      ix_sel = onehot(ix_valid_i, ix_bank) & ~g_rd_en_i;
      st_sel = unless_used(spanned(st_rd_valid_i, st_bank), g_rd_en_i | ix_sel);
    end
  end

  // Which of the higher ranks wins a bank is of no interest here: that one of them wants it is known earlier.
  logic [3:0] gta_wants;
  assign gta_wants     = onehot(g_wr_valid_i, res_bank) | onehot(osc_valid_i, osc_bank) | onehot(red_valid_i, red_bank);
  // Each under its valid, so that a simulator computes it in no other cycle.
  always_comb begin
    osc_ready_o = 1'b1;
    if (osc_valid_i) osc_ready_o = !(g_wr_valid_i && res_bank == osc_bank);
  end
  always_comb begin
    red_ready_o = 1'b1;
    if (red_valid_i) red_ready_o = !(g_wr_valid_i && res_bank == red_bank) && !(osc_valid_i && osc_bank == red_bank);
  end
  always_comb begin
    wr_ready_o = 1'b1;
    if (wr_valid_i) wr_ready_o = (spanned(1'b1, ld_bank) & gta_wants) == '0;
  end
  always_comb begin
    ix_ready_o = 1'b1;
    if (ix_valid_i) ix_ready_o = !g_rd_en_i[ix_bank];
  end
  always_comb begin
    st_rd_ready_o = 1'b1;
    if (st_rd_valid_i) st_rd_ready_o = (spanned(1'b1, st_bank) & (g_rd_en_i | onehot(ix_valid_i, ix_bank))) == '0;
  end

  // A small datum in every place of the row, and its strobes
  function automatic row_t spread16(input logic [15:0] data);
    row_t r;
    for (int unsigned i = 0; i < Lanes; i++) r[i] = {data, data};
    return r;
  endfunction
  function automatic row_t spread32(input logic [31:0] data);
    row_t r;
    for (int unsigned i = 0; i < Lanes; i++) r[i] = data;
    return r;
  endfunction
  // A beat in the row of bank b, and its strobes
  function automatic row_t spread_beat(input logic [Bl-1:0][31:0] data, input int unsigned b);
    row_t r;
    for (int unsigned i = 0; i < Lanes; i++) r[i] = data[((b % Span) * Lanes + i) % Bl];
    return r;
  endfunction
  function automatic logic [Lanes*2-1:0] beat_strobes(input logic [Bus/16-1:0] strb, input logic [Pw-1:0] part, input int unsigned b);
    logic [Lanes*2-1:0] r;
    r = '0;
    for (int unsigned i = 0; i < Lanes*2; i += Unit)
      r[i +: Unit] = {Unit{strb[(((b % Span) * Lanes*2 + i) / 8) % (Bus/16)] && part == Pw'(i / (Bus/2))}};
    return r;
  endfunction

  logic [Pw-1:0] ld_part;
  if (Parts > 1) begin : gen_part
    assign ld_part = wr_addr_i[Bw-1 -: Pw];
  end else begin : gen_whole
    assign ld_part = '0;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) wr_any_q <= 1'b0;
    else wr_any_q <= wr_any;
  end

  for (genvar b = 0; b < 4; b++) begin : gen_bank
    logic [Lanes*2-1:0] we_q;
    logic [Iw-1:0]      widx_q;
    row_t               wdata_q;
    row_t               rdata;
    logic               re;
    logic [Iw-1:0]      ridx;
    logic [Lanes*2-1:0] ld_strb;

    // Under its condition, so that a simulator computes it in no other cycle
    always_comb begin
      ld_strb = '0;
      if (wr_valid_i) ld_strb = beat_strobes(wr_strb_i, ld_part, b);
    end

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        we_q <= '0;
      end else if (wr_any || wr_any_q) begin
        if (res_sel[b]) we_q <= g_wr_strb_i;
        else if (osc_sel[b]) we_q <= (Lanes*2)'(1) << osc_addr_i[Bw-1:1];
        else if (red_sel[b]) we_q <= (Lanes*2)'(3) << {red_addr_i[Bw-1:2], 1'b0};
        else if (ld_sel[b]) we_q <= ld_strb;
        else we_q <= '0;
      end
    end
    always_ff @(posedge clk_i) begin
      if (res_sel[b]) begin
        widx_q  <= g_wr_addr_i[Bw+2 +: Iw];
        wdata_q <= g_wr_data_i;
      end else if (osc_sel[b]) begin
        widx_q  <= osc_addr_i[Bw+2 +: Iw];
        wdata_q <= spread16(osc_data_i);
      end else if (red_sel[b]) begin
        widx_q  <= red_addr_i[Bw+2 +: Iw];
        wdata_q <= spread32(red_data_i);
      end else if (ld_sel[b]) begin
        widx_q  <= wr_addr_i[Bw+2 +: Iw];
        wdata_q <= spread_beat(wr_data_i, b);
      end
    end

    always_comb begin
      re   = g_rd_en_i[b] || ix_sel[b] || st_sel[b];
      ridx = st_rd_addr_i[Bw+2 +: Iw];
      if (ix_sel[b]) ridx = ix_addr_i[Bw+2 +: Iw];
      if (g_rd_en_i[b]) ridx = g_rd_idx_i[b];
    end

    wren_ram_1r1w #(
      .Width(Lanes * 32),
      .Depth(Words / 4),
      .Gran (16)
    ) u_ram (
      .clk_i  (clk_i),
      .we_i   (we_q),
      .waddr_i(widx_q),
      .wdata_i(wdata_q),
      .re_i   (re),
      .raddr_i(ridx),
      .rdata_o(rdata)
    );
  end

  // Four ports and not an array: simulators see one signal and copy nothing.
  assign g_rd_data0_o = gen_bank[0].rdata;
  assign g_rd_data1_o = gen_bank[1].rdata;
  assign g_rd_data2_o = gen_bank[2].rdata;
  assign g_rd_data3_o = gen_bank[3].rdata;

  function automatic row_t bank_row(input logic [1:0] bank);
    row_t r;
    r = gen_bank[0].rdata;
    if (bank == 2'd1) r = gen_bank[1].rdata;
    if (bank == 2'd2) r = gen_bank[2].rdata;
    if (bank == 2'd3) r = gen_bank[3].rdata;
    return r;
  endfunction

  // ST and gather: the word read the cycle before. Zero in other cycles, which costs nothing to simulate.
  logic          st_valid_q, ix_valid_q;
  logic [1:0]    st_bank_q, ix_bank_q;
  logic [Lw-1:0] ix_word_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      st_valid_q <= 1'b0;
      ix_valid_q <= 1'b0;
    end else begin
      st_valid_q <= st_sel != '0;
      ix_valid_q <= ix_sel != '0;
    end
  end
  always_ff @(posedge clk_i) begin
    st_bank_q <= st_bank;
    ix_bank_q <= ix_bank;
    ix_word_q <= ix_addr_i[Bw-1:2];
  end

  if (Parts > 1) begin : gen_part_of_word
    logic [Pw-1:0] st_part_q;
    function automatic logic [Bl-1:0][31:0] part_of(input row_t v, input logic [Pw-1:0] part);
      logic [Bl-1:0][31:0] r;
      r = v[Bl-1:0];
      for (int unsigned p = 1; p < Parts; p++) if (part == Pw'(p)) r = v[p*Bl +: Bl];
      return r;
    endfunction
    always_ff @(posedge clk_i) st_part_q <= st_rd_addr_i[Bw-1 -: Pw];
    always_comb begin
      st_rd_data_o = '0;
      if (st_valid_q) st_rd_data_o = part_of(bank_row(st_bank_q), st_part_q);
    end
  end else begin : gen_words
    always_comb begin
      st_rd_data_o = '0;
      if (st_valid_q) begin
        for (int unsigned s = 0; s < Span; s++) st_rd_data_o[s*Lanes*32 +: Lanes*32] = bank_row(st_bank_q | 2'(s));
      end
    end
  end

  always_comb begin
    ix_data_o = '0;
    if (ix_valid_q) begin
      case (ix_bank_q)
        2'd0:    ix_data_o = gen_bank[0].rdata[ix_word_q];
        2'd1:    ix_data_o = gen_bank[1].rdata[ix_word_q];
        2'd2:    ix_data_o = gen_bank[2].rdata[ix_word_q];
        default: ix_data_o = gen_bank[3].rdata[ix_word_q];
      endcase
    end
  end

  `ASSERT_INIT(BusFits_A, Bus <= Lanes * 16)
  `ASSERT(ResultInRange_A, g_wr_valid_i -> 32'(g_wr_addr_i) < VmBytes && g_wr_addr_i[Bw-1:0] == '0)
  `ASSERT(ScaleInRange_A, osc_valid_i -> 32'(osc_addr_i) < VmBytes)
  `ASSERT(RedInRange_A, red_valid_i -> 32'(red_addr_i) < VmBytes)
  `ASSERT(LdInRange_A, wr_valid_i -> wr_addr_i < VmBytes)
  `ASSERT(StInRange_A, st_rd_valid_i -> 32'(st_rd_addr_i) < VmBytes)
  `ASSERT(OneWriter_A, (res_sel & osc_sel) == '0 && (res_sel & red_sel) == '0 && (osc_sel & red_sel) == '0)
  `ASSERT_HOLD(LdHold_A, wr_valid_i, wr_ready_o, {wr_addr_i, wr_strb_i})
  `ASSERT_HOLD(StHold_A, st_rd_valid_i, st_rd_ready_o, st_rd_addr_i)
  `ASSERT_HOLD(IndexHold_A, ix_valid_i, ix_ready_o, ix_addr_i)
  `ASSERT_HOLD(ScaleHold_A, osc_valid_i, osc_ready_o, {osc_addr_i, osc_data_i})
  `ASSERT_HOLD(RedHold_A, red_valid_i, red_ready_o, {red_addr_i, red_data_i})

endmodule
