// wren_fetch: reads commands from the ring in external memory, ahead of their execution, and offers them in order.
//
// Handshake  cmd is valid/ready. fetch_ar and fetch_r are the fetch port of wren_dma; fetch_r has no back-pressure, so room
//            in the queue is reserved before a burst is asked for.
// Timing     up to Depth commands ahead of the checker, in bursts of up to 4 commands that never cross 256 bytes.
// Deep       a burst is worked out in three cycles; cmd_err_addr_o is valid a cycle after cmd_err_o.
// Errors     a command with a failed beat comes out with cmd_err_o, its response and the beat's address; what follows it
//            is of no value.
`include "wren_assert.svh"

module wren_fetch
  import wren_pkg::*;
#(
  parameter  int unsigned Bus     = 64,   // bytes per beat: 16 or 64
  parameter  int unsigned Depth   = 16,   // commands fetched ahead
  parameter  bit          Deep    = 1'b0,
  localparam int unsigned BusBits = Bus * 8
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,

  // Ring; constant while commands are fetched, except the tail
  input  logic                    enable_i,
  input  logic [ExtAddrWidth-1:0] ring_base_i,   // multiple of 64
  input  logic [15:0]             ring_mask_i,   // size in commands - 1
  input  logic [31:0]             tail_i,        // commands written so far

  // Fetch port of the DMA
  output logic                    fetch_ar_valid_o,
  input  logic                    fetch_ar_ready_i,
  output logic [ExtAddrWidth-1:0] fetch_ar_addr_o,
  output logic [7:0]              fetch_ar_len_o,
  input  logic                    fetch_r_valid_i,
  input  logic [BusBits-1:0]      fetch_r_data_i,
  input  logic                    fetch_r_err_i,
  input  logic [1:0]              fetch_r_resp_i,

  // Commands out
  output logic                    active_o,      // a register may change but by cmd_ready_i
  output logic                    cmd_valid_o,
  input  logic                    cmd_ready_i,
  output logic [CmdBits-1:0]      cmd_o,
  output logic                    cmd_err_o,
  output logic [1:0]              cmd_resp_o,
  output logic [ExtAddrWidth-1:0] cmd_err_addr_o
);

  localparam int unsigned Beats = 64 / Bus;            // beats of one command
  localparam int unsigned Bw    = $clog2(Depth + 1);
  localparam logic [1:0]  LastBeat = 2'(Beats - 1);

  // What the queue keeps of a command beside its 64 bytes.
  typedef struct packed {
    logic       err;
    logic [1:0] resp;
    logic [1:0] beat;   // that failed
  } note_t;

  // ------------------------------------------------------------------------------------------------ requests
  logic [31:0]             next_q;        // next command to ask for
  logic [31:0]             out_q;         // next command to leave
  logic                    ar_valid_q;
  logic [ExtAddrWidth-1:0] ar_addr_q;
  logic [7:0]              ar_len_q;

  logic [31:0]             avail;
  logic [15:0]             slot, to_end;
  logic [ExtAddrWidth-1:0] addr;
  logic [2:0]              burst;         // commands to ask for
  logic [31:0]             held;          // commands asked for that have not left
  logic                    ask;

  assign avail  = tail_i - next_q;
  assign held   = next_q - out_q;
  assign slot   = next_q[15:0] & ring_mask_i;
  assign to_end = ring_mask_i - slot;     // commands behind this one before the ring's end
  assign addr   = ring_base_i + ExtAddrWidth'({slot, 6'd0});

  logic [ExtAddrWidth-1:0] ask_addr;

  if (!Deep) begin : gen_flat
    always_comb begin
      burst = 3'd4 - {1'b0, addr[7:6]};
      if (to_end < 16'(burst)) burst = to_end[2:0] + 3'd1;
      if (avail < 32'(burst)) burst = avail[2:0];
      if (32'(Depth) - held < 32'(burst)) burst = 3'(32'(Depth) - held);
    end

    assign ask_addr = addr;
    assign ask      = enable_i && (burst != 3'd0) && (!ar_valid_q || fetch_ar_ready_i);
  end else begin : gen_deep
    // Look at the ring; take the least of what limits a burst; ask. Meanwhile there can only be more to ask for and more room.
    typedef enum logic [1:0] {StLook, StLeast, StAsk} state_e;
    state_e                  state_q;
    logic [ExtAddrWidth-1:0] addr_q;
    logic [2:0]              burst_q, end_q, avail_q, room_q, least;   // each at most 4

    function automatic logic [2:0] at_most_4(input logic [31:0] n);
      return (n > 32'd3) ? 3'd4 : n[2:0];
    endfunction

    always_comb begin
      least = 3'd4 - {1'b0, addr_q[7:6]};
      if (end_q < least) least = end_q;
      if (avail_q < least) least = avail_q;
      if (room_q < least) least = room_q;
    end

    assign burst    = burst_q;
    assign ask_addr = addr_q;
    assign ask      = enable_i && (state_q == StAsk) && (burst_q != 3'd0) && (!ar_valid_q || fetch_ar_ready_i);

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) state_q <= StLook;
      else if (!enable_i) state_q <= StLook;
      else begin
        unique case (state_q)
          StLook:  state_q <= StLeast;
          StLeast: state_q <= StAsk;
          StAsk:   if (ask || burst_q == 3'd0) state_q <= StLook;
          default: state_q <= StLook;
        endcase
      end
    end

    always_ff @(posedge clk_i) begin
      if (state_q == StLook) begin
        addr_q  <= addr;
        end_q   <= (to_end > 16'd2) ? 3'd4 : to_end[2:0] + 3'd1;
        avail_q <= at_most_4(avail);
        room_q  <= at_most_4(32'(Depth) - held);
      end
      if (state_q == StLeast) burst_q <= least;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      next_q     <= '0;
      ar_valid_q <= 1'b0;
    end else if (ask) begin
      next_q     <= next_q + 32'(burst);
      ar_valid_q <= 1'b1;
    end else if (fetch_ar_ready_i) begin
      ar_valid_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (ask) begin
      ar_addr_q <= ask_addr;
      ar_len_q  <= 8'(32'(burst) * Beats - 32'd1);
    end
  end

  assign active_o         = Deep || ask || ar_valid_q || fetch_r_valid_i;
  assign fetch_ar_valid_o = ar_valid_q;
  assign fetch_ar_addr_o  = ar_addr_q;
  assign fetch_ar_len_o   = ar_len_q;

  // ------------------------------------------------------------------------------------------------ beats to commands
  logic [1:0]         beat_q;
  note_t              note_q, note;
  logic [CmdBits-1:0] word;
  logic               push;

  assign push = fetch_r_valid_i && (beat_q == LastBeat);

  always_comb begin
    note = (beat_q == 2'd0) ? '0 : note_q;
    if (fetch_r_err_i && !note.err) note = '{err: 1'b1, resp: fetch_r_resp_i, beat: beat_q};
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      beat_q <= '0;
      note_q <= '0;
    end else if (fetch_r_valid_i) begin
      beat_q <= push ? '0 : beat_q + 2'd1;
      note_q <= note;
    end
  end

  if (Beats == 1) begin : gen_whole
    assign word = fetch_r_data_i;
  end else begin : gen_shift
    logic [CmdBits-BusBits-1:0] part_q;   // earlier beats, the last one on top
    assign word = {fetch_r_data_i, part_q};
    always_ff @(posedge clk_i) begin
      if (fetch_r_valid_i) part_q <= word[CmdBits-1:BusBits];
    end
  end

  // ------------------------------------------------------------------------------------------------ queue
  note_t         note_out;
  logic          wr_ready;
  logic [Bw-1:0] count;

  wren_fifo #(
    .Width(CmdBits + $bits(note_t)),
    .Depth(Depth)
  ) u_queue (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .flush_i   (1'b0),
    .wr_valid_i(push),
    .wr_ready_o(wr_ready),
    .wr_data_i ({note, word}),
    .rd_valid_o(cmd_valid_o),
    .rd_ready_i(cmd_ready_i),
    .rd_data_o ({note_out, cmd_o}),
    .count_o   (count)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) out_q <= '0;
    else if (cmd_valid_o && cmd_ready_i) out_q <= out_q + 32'd1;
  end

  assign cmd_err_o      = note_out.err;
  assign cmd_resp_o     = note_out.resp;

  logic [ExtAddrWidth-1:0] err_addr;
  assign err_addr = ring_base_i + ExtAddrWidth'({out_q[15:0] & ring_mask_i, 6'd0}) + ExtAddrWidth'(32'(note_out.beat) * Bus);
  if (!Deep) begin : gen_addr
    assign cmd_err_addr_o = err_addr;
  end else begin : gen_addr_q
    always_ff @(posedge clk_i) cmd_err_addr_o <= err_addr;
  end

  `ASSERT(RoomReserved_A, push -> wr_ready)
  `ASSERT(HeldInRange_A, held <= 32'(Depth))
  `ASSERT(CountInHeld_A, 32'(count) <= held)
  `ASSERT_HOLD(ArHold_A, fetch_ar_valid_o, fetch_ar_ready_i, {fetch_ar_addr_o, fetch_ar_len_o})

endmodule
