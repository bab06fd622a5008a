// wren_dma_transpose: turns tiles of 32 rows (tokens) into columns: 32 bytes of one column become adjacent.
//
// Handshake  in takes a tile's rows one after the other, Bus-aligned beats, max(32, Bus) bytes per row or 32 of them (narrow). With
//            the last beat come the tile's destination and tags. out are Bus-aligned destination beats in ascending order.
//            empty_o: no finished tile waits or leaves.
// Timing     Two tiles of memory: one fills while the other leaves, one beat per cycle each way (one more per tile when the
//            destination is not Bus-aligned).
// Memory     Rows are rotated over the banks, so that a row in and whole columns out both touch every bank once. A bank holds units
//            of UnitBytes: at Bus = 64 two columns of one row (32 banks of 16 bits), at Bus = 16 one byte (16 banks).
`include "wren_assert.svh"

module wren_dma_transpose #(
  parameter  int unsigned Bus  = 64,
  localparam int unsigned Bits = Bus * 8
) (
  input  logic               clk_i,
  input  logic               rst_ni,

  // Rows in
  input  logic               in_valid_i,
  output logic               in_ready_o,
  input  logic [Bits-1:0]    in_data_i,
  input  logic [31:0]        in_dst_i,      // destination of the tile, a multiple of 32
  input  logic               in_narrow_i,   // rows of 32 bytes although Bus is 64
  input  logic               in_last_i,     // the tile is the command's last

  // Columns out
  output logic               out_valid_o,
  input  logic               out_ready_i,
  output logic [31:0]        out_addr_o,    // Bus-aligned
  output logic [Bits-1:0]    out_data_o,
  output logic [Bus/16-1:0]  out_strb_o,
  output logic               out_last_o,    // last beat of the command
  output logic               empty_o
);

  localparam int unsigned UnitBytes = (Bus > 32) ? Bus / 32 : 1;
  localparam int unsigned UnitBits  = UnitBytes * 8;
  localparam int unsigned Banks     = Bus / UnitBytes;           // 32 or 16
  localparam int unsigned RowBeats  = (Bus < 32) ? 32 / Bus : 1; // beats per row
  localparam int unsigned InBeats   = 32 * RowBeats;             // beats per tile in
  localparam int unsigned Bw        = $clog2(Banks);
  localparam int unsigned Iw        = $clog2(InBeats);
  localparam int unsigned RamAw     = Iw + 1;
  localparam int unsigned Lg        = $clog2(Bus);

  `ASSERT_INIT(BusSupported_A, Bus == 16 || Bus == 64)

  typedef struct packed {
    logic [31:0] dst;
    logic        narrow;
    logic        last;
  } tile_t;

  // Rotates the units of a beat upwards by n units.
  function automatic logic [Bits-1:0] rotate_up(input logic [Bits-1:0] x, input logic [Bw-1:0] n);
    logic [2*Bits-1:0] both;
    both = {x, x} << (32'(n) * UnitBits);
    return both[2*Bits-1:Bits];
  endfunction

  // Bytes 0 and 2 of two words.
  function automatic logic [31:0] even_bytes(input logic [31:0] lo, input logic [31:0] hi);
    return (lo & 32'hff) | ((lo >> 8) & 32'hff00) | ((hi << 16) & 32'h00ff_0000) | ((hi << 8) & 32'hff00_0000);
  endfunction
  // Rotates downwards by n units, then collects byte b of every unit in part b of the beat.
  function automatic logic [Bits-1:0] columns(input logic [Bits-1:0] x, input logic [Bw-1:0] n);
    logic [2*Bits-1:0] both;
    logic [Bits-1:0]   r;
    both = {x, x} >> (32'(n) * UnitBits);
    r    = '0;
    if (UnitBytes == 2) begin                              // in words, which a simulator takes many of at once
      for (int unsigned w = 0; w < Banks/4; w++) begin
        r[w*32 +: 32]             = even_bytes(both[(2*w)*32 +: 32], both[(2*w + 1)*32 +: 32]);
        r[(Banks/4 + w)*32 +: 32] = even_bytes(both[(2*w)*32 +: 32] >> 8, both[(2*w + 1)*32 +: 32] >> 8);
      end
    end else begin
      for (int unsigned u = 0; u < Banks; u++) begin
        for (int unsigned b = 0; b < UnitBytes; b++) r[(b*Banks + u)*8 +: 8] = both[(u*UnitBytes + b)*8 +: 8];
      end
    end
    return r;
  endfunction

  // --- Rows in: beat i of the tile has row i / RowBeats ---
  logic [Iw-1:0]     in_q;
  logic              in_buf_q, in_take, in_end;
  logic [1:0]        full_q;      // buffers that hold a finished tile
  tile_t [1:0]       tile_q;
  logic [Bw-1:0]     in_rotate;

  assign in_ready_o = !full_q[in_buf_q];
  assign in_take    = in_valid_i && in_ready_o;
  assign in_end     = in_q == Iw'(InBeats - 1);
  assign in_rotate  = Bw'(in_q / Iw'(RowBeats));

  // --- Columns out: step s reads unit column s (Bus = 64) or half a column (Bus = 16) ---
  logic              out_buf_q;
  logic [6:0]        step_q, steps;
  logic              reading, read_en, read_end, stage_free;
  tile_t             tile;

  always_comb begin
    tile = '0;
    if (reading) tile = tile_q[out_buf_q];
  end
  assign steps      = (UnitBytes == 1) ? 7'd64 : (tile.narrow ? 7'd16 : 7'd32);
  assign reading    = full_q[out_buf_q];
  assign read_en    = reading && stage_free;
  assign read_end   = step_q == steps - 7'd1;

  // Unit column and, at Bus = 16, half of the rows
  logic [Bw-1:0]     col;
  logic              col_high, half;
  if (UnitBytes == 1) begin : gen_half
    assign {col_high, col} = step_q[5:1];
    assign half            = step_q[0];
  end else begin : gen_whole
    assign col      = step_q[Bw-1:0];
    assign col_high = 1'b0;
    assign half     = 1'b0;
  end

  // --- Banks ---
  logic [Bits-1:0] write_data, read_data;
  logic [RamAw-1:0] write_addr;
  assign write_addr = {in_buf_q, in_q};

  // The data are rotated before the banks' inputs in the cycle in which they are written.
  always_comb begin
    write_data = '0;
    if (in_take) write_data = rotate_up(in_data_i, in_rotate);
  end

  for (genvar k = 0; k < int'(Banks); k++) begin : gen_bank
    logic [Bw-1:0]    row;
    logic [RamAw-1:0] read_addr;
    assign row = Bw'(k) - col;
    if (UnitBytes == 1) begin : gen_addr_half
      assign read_addr = {out_buf_q, half, row, col_high};
    end else begin : gen_addr
      assign read_addr = {out_buf_q, row};
    end
    wren_ram_1r1w #(
      .Width(UnitBits),
      .Depth(2 * InBeats)
    ) u_ram (
      .clk_i  (clk_i),
      .we_i   (in_take),
      .waddr_i(write_addr),
      .wdata_i(write_data[k*UnitBits +: UnitBits]),
      .re_i   (read_en),
      .raddr_i(read_addr),
      .rdata_o(read_data[k*UnitBits +: UnitBits])
    );
  end

  // --- Stage behind the banks, then the output register ---
  logic              st_valid_q, st_first_q, st_end_q, st_cmd_last_q;
  logic [Bw-1:0]     st_rotate_q;
  logic [31:0]       st_addr_q;
  logic              st_odd_q;                 // destination begins in the middle of a beat (Bus = 64 only)
  logic              tail_q;                   // the second half of the last beat is still to be sent
  logic              tail_last_q;
  logic [31:0]       tail_addr_q;
  logic [Bits/2-1:0] half_q;                   // second half of the beat before
  logic              out_free, st_take;

  assign out_free   = !out_valid_o || out_ready_i;
  assign st_take    = st_valid_q && out_free && !tail_q;
  assign stage_free = !st_valid_q || st_take;

  assign empty_o = full_q == '0 && !st_valid_q && !tail_q && !out_valid_o;

  // Shifts a beat by half: its lower part is the upper part of the beat before.
  function automatic logic [Bits-1:0] by_half(input logic [Bits-1:0] x, input logic [Bits/2-1:0] prev, input logic odd);
    return odd ? {x[Bits/2-1:0], prev} : x;
  endfunction

  function automatic logic [Bits/2-1:0] upper(input logic [Bits-1:0] x);
    return x[Bits-1:Bits/2];
  endfunction

  localparam logic [Bus/16-1:0] AllStrb  = '1;
  localparam logic [Bus/16-1:0] LowStrb  = (Bus > 32) ? (Bus/16)'(3) : (Bus/16)'(1);
  localparam logic [Bus/16-1:0] HighStrb = (Bus > 32) ? AllStrb & ~LowStrb : AllStrb;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_q        <= '0;
      in_buf_q    <= 1'b0;
      full_q      <= '0;
      out_buf_q   <= 1'b0;
      step_q      <= '0;
      st_valid_q  <= 1'b0;
      tail_q      <= 1'b0;
      out_valid_o <= 1'b0;
    end else begin
      if (in_take) begin
        in_q <= in_q + Iw'(1);
        if (in_end) begin
          in_buf_q         <= !in_buf_q;
          full_q[in_buf_q] <= 1'b1;
        end
      end
      if (read_en) begin
        step_q <= read_end ? '0 : step_q + 7'd1;
        if (read_end) begin
          out_buf_q         <= !out_buf_q;
          full_q[out_buf_q] <= 1'b0;
        end
      end
      if (stage_free) st_valid_q <= read_en;
      if (st_take) tail_q <= st_odd_q && st_end_q;
      else if (tail_q && out_free) tail_q <= 1'b0;
      if (out_free) out_valid_o <= st_take || tail_q;
    end
  end

  logic [Bits-1:0] collected;
  always_comb begin
    collected = '0;
    if (st_take) collected = columns(read_data, st_rotate_q);
  end

  always_ff @(posedge clk_i) begin
    if (in_take && in_end) tile_q[in_buf_q] <= '{dst: in_dst_i, narrow: in_narrow_i, last: in_last_i};
    if (read_en) begin
      st_rotate_q   <= col;
      st_addr_q     <= {tile.dst[31:Lg] + (32-Lg)'(step_q), Lg'(0)};
      st_odd_q      <= (Bus > 32) && tile.dst[Lg-1];
      st_first_q    <= step_q == '0;
      st_end_q      <= read_end;
      st_cmd_last_q <= tile.last;
    end
    if (st_take) begin
      out_data_o  <= by_half(collected, half_q, st_odd_q);
      half_q      <= upper(collected);
      out_addr_o  <= st_addr_q;
      out_strb_o  <= (st_odd_q && st_first_q) ? HighStrb : AllStrb;
      out_last_o  <= st_end_q && st_cmd_last_q && !st_odd_q;
      tail_addr_q <= st_addr_q + 32'(Bus);
      tail_last_q <= st_cmd_last_q;
    end else if (tail_q && out_free) begin
      out_data_o <= by_half('0, half_q, 1'b1);
      out_addr_o <= tail_addr_q;
      out_strb_o <= LowStrb;
      out_last_o <= tail_last_q;
    end
  end

  `ASSERT_HOLD(OutHold_A, out_valid_o, out_ready_i, {out_addr_o, out_strb_o, out_last_o})

endmodule
