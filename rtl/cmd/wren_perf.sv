// wren_perf: the performance counters of one core: cycles, bytes, and six buckets for each of four engines, 64 bits each.
//
// Counting   every cycle in which perf_i.busy is set; clear_i sets all of them to 0 and wins over counting.
// Read       count_o is counter index_i in the cycle of rd_i (done_o is rd_i), all events before this cycle included. Index: {engine, bucket};
//            buckets 6 and 7 of the first two engines are cycles, bytes read, bytes written and bytes fetched.
// Compact    each counter is 12 or 7 bits (Deep: 13 or 8) that count, and 64 in a LUT RAM to which one counter per cycle is added in turn; a read adds the
//            counter it reads instead. Reads are at most every second cycle, so that each counter has its turn within 64 cycles.
// Deep       of the compact form: a turn takes two cycles, to fetch and to add, so that each counter has its turn within 128. A read is answered
//            by done_o, with all events before rd_i and some after it; index_i stays until then.
`include "wren_assert.svh"

module wren_perf
  import wren_pkg::*;
  import wren_cmd_pkg::*;
#(
  parameter bit Compact = 1'b0,
  parameter bit Deep    = 1'b0
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  perf_t       perf_i,

  input  logic        rd_i,
  input  logic [4:0]  index_i,
  output logic        done_o,
  output logic [63:0] count_o
);

  localparam int unsigned Buckets = 6;
  typedef logic [63:0] count_t;

  if (!Compact) begin : gen_wide
    assign done_o = rd_i;
    count_t        cycles_q, rd_bytes_q, wr_bytes_q, fetch_bytes_q;
    count_t        held [4];                                   // the selected bucket of LD, ST, MXE, GTA
    bucket_e [3:0] now;

    assign now = {perf_i.gta, perf_i.mxe, perf_i.st, perf_i.ld};

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        cycles_q      <= '0;
        rd_bytes_q    <= '0;
        wr_bytes_q    <= '0;
        fetch_bytes_q <= '0;
      end else if (clear_i) begin
        cycles_q      <= '0;
        rd_bytes_q    <= '0;
        wr_bytes_q    <= '0;
        fetch_bytes_q <= '0;
      end else if (perf_i.busy) begin
        cycles_q      <= cycles_q + 64'd1;
        rd_bytes_q    <= rd_bytes_q + 64'(perf_i.rd_bytes);
        wr_bytes_q    <= wr_bytes_q + 64'(perf_i.wr_bytes);
        fetch_bytes_q <= fetch_bytes_q + 64'(perf_i.fetch_bytes);
      end
    end

    // Of an engine's counters one changes in a cycle, so that a simulator touches no other. The array has an entry for every value of the
    // index, which saves it the look for the bounds; the last two are never counted or read.
    for (genvar e = 0; e < 4; e++) begin : gen_engine
      count_t bucket_q [8];
      always_ff @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) bucket_q <= '{default: '0};
        else if (clear_i) bucket_q <= '{default: '0};
        else if (perf_i.busy) bucket_q[now[e]] <= bucket_q[now[e]] + 64'd1;
      end
      always_comb begin
        held[e] = '0;
        if (rd_i && 32'(index_i[2:0]) < Buckets) held[e] = bucket_q[index_i[2:0]];
      end
    end

    always_comb begin
      count_o = '0;
      if (rd_i) begin
        case (index_i)
          5'd6:    count_o = cycles_q;
          5'd7:    count_o = rd_bytes_q;
          5'd14:   count_o = wr_bytes_q;
          5'd15:   count_o = fetch_bytes_q;
          default: count_o = held[index_i[4:3]];
        endcase
      end
    end
  end else begin : gen_compact
    localparam int unsigned Counters = 32;
    localparam int unsigned Dw       = Deep ? 13 : 12;
    localparam int unsigned Sw       = Deep ? 8 : 7;

    logic [Counters-1:0]         fresh_q;      // not added to since the last clear: what the RAM holds is of no value
    logic [Counters-1:0][Dw-1:0] recent;       // events that are not in the RAM yet
    logic [Counters-1:0]         sel;          // whose recent events are taken
    logic [4:0]                  turn_q, at;
    logic                        we, next_turn;
    count_t                      held, sum;

    wren_rf_1r1w #(
      .Width(64),
      .Depth(Counters)
    ) u_held (
      .clk_i  (clk_i),
      .we_i   (we),
      .waddr_i(at),
      .wdata_i(sum),
      .raddr_i(at),
      .rdata_o(held)
    );

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        fresh_q <= '1;
        turn_q  <= '0;
      end else begin
        fresh_q <= clear_i ? '1 : fresh_q & ~sel;
        if (next_turn) turn_q <= turn_q + 5'd1;
      end
    end

    if (!Deep) begin : gen_flat
      assign at        = rd_i ? index_i : turn_q;
      assign sel       = Counters'(1) << at;
      assign sum       = (fresh_q[at] ? '0 : held) + count_t'(recent[at]);
      assign we        = 1'b1;
      assign next_turn = !rd_i;
      assign done_o    = rd_i;
      assign count_o   = sum;

      `ASSERT_NEXT(TurnsComeSoon_A, rd_i, !rd_i)
    end else begin : gen_deep
      logic          add_q, asked_q, of_read_q;   // the second cycle of a turn; a read waits for its turn; has it
      logic [4:0]    at_q;
      count_t        held_q, count_q;
      logic [Dw-1:0] recent_q;
      logic          fresh_at_q;
      logic          done_q;

      assign at        = at_q;
      assign sel       = add_q ? '0 : Counters'(1) << at_q;
      assign sum       = (held_q & {64{!fresh_at_q}}) + count_t'(recent_q);
      assign we        = add_q;
      assign next_turn = add_q && !asked_q;
      assign done_o    = done_q;
      assign count_o   = count_q;

      always_ff @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          add_q     <= 1'b0;
          asked_q   <= 1'b0;
          of_read_q <= 1'b0;
          at_q      <= '0;
          done_q    <= 1'b0;
        end else begin
          add_q <= !add_q;
          if (add_q) begin
            at_q      <= asked_q ? index_i : turn_q;
            of_read_q <= asked_q;
          end
          asked_q <= rd_i || (asked_q && !add_q);
          done_q  <= add_q && of_read_q;
        end
      end
      always_ff @(posedge clk_i) begin
        if (!add_q) begin
          held_q     <= held;
          fresh_at_q <= fresh_q[at_q];
          recent_q   <= recent[at_q];
        end
        if (add_q && of_read_q) count_q <= sum;
      end

      `ASSERT(OneRead_A, rd_i -> !asked_q && !of_read_q)
    end

    // What this cycle adds to counter i
    function automatic logic [7:0] events(input perf_t p, input int unsigned i);
      logic [2:0] bucket;
      if (!p.busy) return 8'd0;
      case (i)
        6:       return 8'd1;
        7:       return p.rd_bytes;
        14:      return p.wr_bytes;
        15:      return p.fetch_bytes;
        default: begin
          case (i / 8)
            0:       bucket = p.ld;
            1:       bucket = p.st;
            2:       bucket = p.mxe;
            default: bucket = p.gta;
          endcase
          return (32'(bucket) == i % 8) ? 8'd1 : 8'd0;
        end
      endcase
    endfunction

    for (genvar i = 0; i < int'(Counters); i++) begin : gen_counter
      if (i % 8 < Buckets || i < 16) begin : gen_used
        localparam int unsigned W = (i == 7 || i == 14 || i == 15) ? Dw : Sw;
        logic [W-1:0] recent_q;
        always_ff @(posedge clk_i or negedge rst_ni) begin
          if (!rst_ni) recent_q <= '0;
          else if (clear_i) recent_q <= '0;
          else recent_q <= (sel[i] ? '0 : recent_q) + W'(events(perf_i, i));
        end
        assign recent[i] = Dw'(recent_q);
      end else begin : gen_unused
        assign recent[i] = '0;
      end
    end
  end

endmodule
