// wren_dma_pkg: what the parts of the DMA say to each other.
package wren_dma_pkg;

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

endpackage
