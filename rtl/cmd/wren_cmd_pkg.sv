// wren_cmd_pkg: types that the modules of the command unit share.
package wren_cmd_pkg;

  import wren_pkg::*;
  import wren_isa_pkg::*;

  localparam int unsigned NumEngines = 5;   // engine_e: ctl, ld, st, mxe, gta
  localparam int unsigned SemWidth   = 8;   // bits of one semaphore

  // Two semaphore operations, the waits or the posts of a command; a count of 0 means none.
  typedef struct packed {
    logic [SemWidth-1:0] cnt1;
    logic [4:0]          sem1;
    logic [SemWidth-1:0] cnt0;
    logic [4:0]          sem0;
  } sem_pair_t;

  // What the command unit remembers of a command that an engine executes.
  typedef struct packed {
    logic [31:0] index;
    logic [31:0] tag;
    logic        irq;
    sem_pair_t   posts;
  } flight_t;

  // The error record of the CSRs.
  typedef struct packed {
    logic [3:0]              code;
    logic [2:0]              engine;
    logic [31:0]             index;
    logic [31:0]             tag;
    logic [31:0]             info;
    logic [ExtAddrWidth-1:0] addr;
  } err_t;

  // Events of one cycle for the performance counters.
  typedef struct packed {
    logic         busy;
    bucket_e      gta;
    bucket_e      mxe;
    bucket_e      st;
    bucket_e      ld;
    logic [7:0]   rd_bytes;
    logic [7:0]   wr_bytes;
    logic [7:0]   fetch_bytes;
  } perf_t;

  function automatic sem_pair_t waits_of(input cmd_header_t h);
    return '{cnt1: h.wait1_cnt, sem1: h.wait1_sem, cnt0: h.wait0_cnt, sem0: h.wait0_sem};
  endfunction

  function automatic flight_t flight_of(input cmd_header_t h, input logic [31:0] index);
    return '{index: index, tag: h.tag, irq: h.irq,
             posts: '{cnt1: h.post1_cnt, sem1: h.post1_sem, cnt0: h.post0_cnt, sem0: h.post0_sem}};
  endfunction

endpackage
