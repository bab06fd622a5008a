// wren_dma_pkg: what the parts of the DMA say to each other.
package wren_dma_pkg;
  import wren_isa_pkg::*;

  localparam int unsigned Aw       = 40;  // widest byte address (external memory)
  localparam int unsigned WalkDims = 5;   // loops of a walk; dimension 0 is the innermost
  localparam int unsigned BurstLen = 64;  // beats of the longest burst

  typedef enum logic [1:0] {
    KindCopy      = 2'd0,
    KindGather    = 2'd1,  // dimension 0 of the source comes from an index array
    KindFill      = 2'd2,  // no source; src holds the pattern
    KindTranspose = 2'd3   // runs are row pieces of tiles of 32 rows
  } kind_e;

  // A command as loops over runs of len bytes: run (i4..i0) starts at src + sum i[d]*s[d], dst + sum i[d]*t[d].
  typedef struct packed {
    kind_e                           kind;
    logic [2:0]                      src_space;
    logic [2:0]                      dst_space;
    logic [Aw-1:0]                   src;
    logic [Aw-1:0]                   dst;
    logic [31:0]                     len;
    logic [31:0]                     tail;  // length of the runs with the last index of dimension 1 (transpose)
    logic [WalkDims-1:0][19:0]       n;
    logic [WalkDims-1:0][Aw-1:0]     s;
    logic [WalkDims-1:0][Aw-1:0]     t;
    logic [19:0]                     idx;   // VM address of the index array (gather)
    logic [31:0]                     idx_stride;
  } walk_t;

  // One run of a walk.
  typedef struct packed {
    kind_e         kind;
    logic [2:0]    src_space;
    logic [2:0]    dst_space;
    logic [Aw-1:0] src;
    logic [Aw-1:0] dst;
    logic [31:0]   len;
    logic          last;  // last run of its command
  } run_t;

  // The first destination beat of a run, for a realigner that has it worked out a cycle earlier. In granules.
  typedef struct packed {
    logic [5:0]  shift;   // from source to destination lanes, upwards; modulo the lanes
    logic [5:0]  lo;      // its first lane
    logic [5:0]  hi;      // and the one behind its last
    logic        last;    // the run ends in it
    logic        direct;  // it begins at a lower lane and needs no second source beat
    logic        fill;    // it begins at a lower lane and does
    logic        needs;   // needs a source beat (after the first one, if fill)
    logic [31:0] rest;    // what is left behind it
  } beat_t;

  function automatic beat_t first_beat(input logic [4:0] src_lane, input logic [4:0] dst_lane, input logic [31:0] len, input int unsigned lanes);
    beat_t      b;
    logic [5:0] room;
    logic       down;
    room     = 6'(lanes) - 6'(dst_lane);
    down     = src_lane > dst_lane && lanes != 1;
    b.shift  = (6'(dst_lane) - 6'(src_lane)) & 6'(lanes - 1);
    b.lo     = 6'(dst_lane);
    b.last   = len[31:6] == '0 && len[5:0] <= room;
    b.hi     = b.last ? 6'(dst_lane) + len[5:0] : 6'(lanes);
    b.direct = down && b.hi <= b.shift;
    b.fill   = down && !b.direct;
    b.needs  = b.direct || b.hi > b.shift;
    b.rest   = len - 32'(room);
    return b;
  endfunction

  // The beat behind it
  function automatic beat_t next_beat(input beat_t a, input int unsigned lanes);
    beat_t b;
    b        = a;
    b.lo     = '0;
    b.last   = a.rest[31:6] == '0 && a.rest[5:0] <= 6'(lanes);
    b.hi     = b.last ? a.rest[5:0] : 6'(lanes);
    b.direct = 1'b0;
    b.fill   = 1'b0;
    b.needs  = b.hi > a.shift;
    b.rest   = a.rest - lanes;
    return b;
  endfunction

  // A load command as a walk; Bus-wide tiles for transpose.
  function automatic walk_t decode_ld(input logic [511:0] bits, input int unsigned bus);
    ld_gather_t c;   // holds every field of the other commands
    walk_t      w;
    logic [31:0] wide, cols;
    c = ld_gather_t'(bits);
    w = '0;
    w.kind       = (c.opcode == OpLdGather) ? KindGather : (c.opcode == OpLdFill) ? KindFill
                   : (c.opcode == OpLdTranspose) ? KindTranspose : KindCopy;
    w.src_space  = {1'b0, c.src_space};
    w.dst_space  = c.dst_space;
    w.src        = c.src;
    w.dst        = Aw'(c.dst);
    w.len        = 32'(c.len);
    w.tail       = 32'(c.len);
    w.idx        = c.idx;
    w.idx_stride = c.s1;
    w.n          = {20'd1, 20'd1, 20'(c.n3), 20'(c.n2), 20'(c.n1)};
    w.s          = {Aw'(0), Aw'(0), Aw'(c.s3), Aw'(c.s2), Aw'(c.s1)};
    w.t          = {Aw'(0), Aw'(0), Aw'(c.t3), Aw'(c.t2), Aw'(c.t1)};
    if (w.kind == KindGather) w.s[0] = '0;
    if (w.kind == KindTranspose) begin
      // 32 rows, pieces of cols columns, groups of 32 rows, n2, n3
      cols   = (bus > 32) ? bus : 32'd32;
      wide   = (bus > 32) ? (32'(c.len) + 32'd63) >> 6 : 32'(c.len) >> 5;
      w.n    = {20'(c.n3), 20'(c.n2), 20'(c.n1[15:5]), wide[19:0], 20'd32};
      w.s    = {Aw'(c.s3), Aw'(c.s2), Aw'(c.s1) << 5, Aw'(cols), Aw'(c.s1)};
      w.t    = {Aw'(c.t3), Aw'(c.t2), Aw'(c.t1), Aw'(cols) << 5, Aw'(0)};
      w.len  = cols;
      w.tail = (bus > 32 && c.len[5]) ? 32'd32 : cols;
    end
    return w;
  endfunction

  // A store command as a walk.
  function automatic walk_t decode_st(input logic [511:0] bits);
    st_copy_t c;
    walk_t    w;
    c = st_copy_t'(bits);
    w = '0;
    w.kind      = KindCopy;
    w.src_space = c.src_space;
    w.dst_space = {1'b0, c.dst_space};
    w.src       = Aw'(c.src);
    w.dst       = c.dst;
    w.len       = 32'(c.len);
    w.tail      = 32'(c.len);
    w.n         = {20'd1, 20'd1, 20'(c.n3), 20'(c.n2), 20'(c.n1)};
    w.s         = {Aw'(0), Aw'(0), Aw'(c.s3), Aw'(c.s2), Aw'(c.s1)};
    w.t         = {Aw'(0), Aw'(0), Aw'(c.t3), Aw'(c.t2), Aw'(c.t1)};
    return w;
  endfunction

endpackage
