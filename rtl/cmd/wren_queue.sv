// wren_queue: the in-order command queue of one engine, with its waits in front and its posts behind.
//
// Handshake  push is valid/ready. head_valid_o offers the oldest command's waits to the semaphores; take_i says that they were
//            consumed: from the next cycle on the command is offered to the engine (cmd valid/ready), which cannot be taken back.
//            done_i, a pulse per retired command in order, makes retire_valid_o; retire_i removes the oldest command in flight.
// Timing     a command pushed into an empty queue can be taken in the next cycle and be at the engine in the one after.
// Limits     Depth commands wait; Flights commands are between take and retire.
`include "wren_assert.svh"

module wren_queue
  import wren_pkg::*;
  import wren_isa_pkg::*;
  import wren_cmd_pkg::*;
#(
  parameter int unsigned Depth   = 8,
  parameter int unsigned Flights = 8
) (
  input  logic               clk_i,
  input  logic               rst_ni,

  // Commands in
  input  logic               push_valid_i,
  output logic               push_ready_o,
  input  logic [CmdBits-1:0] push_cmd_i,
  input  logic [31:0]        push_index_i,

  // Waits of the oldest command
  output logic               head_valid_o,
  output sem_pair_t          head_waits_o,
  output flight_t            head_flight_o,
  input  logic               take_i,
  output logic               waiting_o,        // the oldest command has not been taken

  // To the engine
  output logic               cmd_valid_o,
  input  logic               cmd_ready_i,
  output logic [CmdBits-1:0] cmd_o,
  input  logic               done_i,

  // Retire
  output logic               retire_valid_o,
  output flight_t            retire_flight_o,  // the oldest command in flight
  input  logic               retire_i,
  output logic               in_flight_o       // a command has been taken and has not retired
);

  localparam int unsigned Qw = $clog2(Depth + 1);
  localparam int unsigned Fw = $clog2(Flights + 1);

  logic               queued, taken_q;
  logic [31:0]        head_index;
  logic [Qw-1:0]      queue_count;
  logic               flight_room;
  logic [Fw-1:0]      flight_count;
  logic [Fw-1:0]      done_q;         // done and not retired
  logic               pop;

  assign pop = taken_q && cmd_ready_i;

  wren_fifo #(
    .Width(CmdBits + 32),
    .Depth(Depth)
  ) u_queue (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .flush_i   (1'b0),
    .wr_valid_i(push_valid_i),
    .wr_ready_o(push_ready_o),
    .wr_data_i ({push_index_i, push_cmd_i}),
    .rd_valid_o(queued),
    .rd_ready_i(pop),
    .rd_data_o ({head_index, cmd_o}),
    .count_o   (queue_count)
  );

  assign waiting_o     = queued && !taken_q;
  assign head_valid_o  = waiting_o && flight_room;
  assign head_waits_o  = waits_of(cmd_o);
  always_comb begin                                          // in other cycles nobody looks, and a simulator computes nothing
    head_flight_o = '0;
    if (head_valid_o) head_flight_o = flight_of(cmd_o, head_index);
  end
  assign cmd_valid_o   = taken_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) taken_q <= 1'b0;
    else if (take_i) taken_q <= 1'b1;
    else if (pop) taken_q <= 1'b0;
  end

  wren_fifo #(
    .Width($bits(flight_t)),
    .Depth(Flights)
  ) u_flights (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .flush_i   (1'b0),
    .wr_valid_i(take_i),
    .wr_ready_o(flight_room),
    .wr_data_i (head_flight_o),
    .rd_valid_o(in_flight_o),
    .rd_ready_i(retire_i),
    .rd_data_o (retire_flight_o),
    .count_o   (flight_count)
  );

  assign retire_valid_o = done_i || (done_q != '0);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) done_q <= '0;
    else if (done_i && !retire_i) done_q <= done_q + Fw'(1);
    else if (retire_i && !done_i) done_q <= done_q - Fw'(1);
  end

  `ASSERT(TakeOffered_A, take_i -> head_valid_o)
  `ASSERT(DoneInFlight_A, done_i -> done_q < flight_count)
  `ASSERT(RetireOffered_A, retire_i -> retire_valid_o)
  `ASSERT(QueueInRange_A, queue_count <= Qw'(Depth))

endmodule
