// wren_sdram: a 16-bit SDR SDRAM chip as Wren's external memory: an AXI4 slave for the core and a port of single words for wren_link,
// the same ports as wren_soc_ram's.
//
// Chip       4 banks, 8192 rows, 512 columns of 16 bits: 32 MiB. Address bits: 24..12 row, 11..10 bank, 9..1 column. Rows stay open until
//            another row of the bank is wanted or a refresh is due. All accesses are bursts of 8 words, one beat of Wren's bus; writes
//            mask bytes with DQM.
// Timing     The chip's times are parameters in ns; clocks follow from ClockHz. The defaults are the slowest of the parts that boards
//            carry (W9825G6KH, AS4C16M16SA, MT48LC16M16A2, grades -6, -7, -75). CAS latency 2 up to 100 MHz, 3 above. 16 bytes per 8
//            clocks while bursts stream; CAS latency + 12 clocks from AR to the first beat of an open row. A due refresh goes before
//            every access that has not begun, so it waits for one burst of 8 at most.
// Clocks     Outputs change after the rising edge of clk_i. The chip's clock must be the inverse of clk_i: it samples in the middle, and
//            its data is captured with the falling edge, the same that clocks the chip, which leaves a whole clock for the way there
//            and back at any rate.
// AXI        INCR bursts of whole beats within 4 KiB; reads and writes take turns by bursts when both wait, and every beat of either goes
//            on while the other is held up. Two beats read are kept for a slow R. Outside the memory: DECERR, writes nothing, reads anything.
// Words      valid/ready; before the core's next beat; read data from the cycle after ready until the next word.
// Limits     Bus of 16 bytes. Not usable before the chip's power-up wait and initialization (PowerUpNs and some clocks after reset).
`include "wren_assert.svh"

module wren_sdram
  import wren_pkg::*;
#(
  parameter  int unsigned ClockHz   = 25_000_000,
  parameter  int unsigned PowerUpNs = 200_000,
  parameter  int unsigned RcdNs     = 21,                       // ACTIVE to column command
  parameter  int unsigned RpNs      = 21,                       // PRECHARGE to ACTIVE
  parameter  int unsigned RasNs     = 45,                       // ACTIVE to PRECHARGE
  parameter  int unsigned RcNs      = 66,                       // ACTIVE to ACTIVE of a bank
  parameter  int unsigned RfcNs     = 66,                       // AUTO REFRESH to the next command
  parameter  int unsigned WrNs      = 15,                       // last word written to PRECHARGE, and two clocks at least
  parameter  int unsigned MrdNs     = 15,                       // LOAD MODE REGISTER to the next command, and two clocks at least
  parameter  int unsigned RefiNs    = 7812,                     // between refreshes: 64 ms / 8192
  localparam int unsigned Bus       = 16,
  localparam int unsigned BusBits   = Bus * 8
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
  output logic [31:0]             mem_rdata_o,

  // The chip
  output logic                    sd_cke_o,
  output logic                    sd_cs_no,
  output logic                    sd_ras_no,
  output logic                    sd_cas_no,
  output logic                    sd_we_no,
  output logic [1:0]              sd_ba_o,
  output logic [12:0]             sd_a_o,
  output logic [1:0]              sd_dqm_o,
  output logic [15:0]             sd_dq_o,
  output logic                    sd_dq_oe_o,
  input  logic [15:0]             sd_dq_i
);

  // Clocks that last at least `ns`, and at least `least`
  function automatic int unsigned clocks(input int unsigned ns, input int unsigned least);
    longint unsigned n;
    n = (64'(ns) * 64'(ClockHz) + 64'd999_999_999) / 64'd1_000_000_000;
    return (n < 64'(least)) ? least : 32'(n);
  endfunction

  localparam int unsigned Cas     = (ClockHz > 100_000_000) ? 3 : 2;
  localparam int unsigned PowerUp = clocks(PowerUpNs, 1);
  localparam int unsigned Rcd     = clocks(RcdNs, 1);
  localparam int unsigned Rp      = clocks(RpNs, 1);
  localparam int unsigned Rfc     = clocks(RfcNs, 1);
  localparam int unsigned Mrd     = clocks(MrdNs, 2);
  localparam int unsigned Wr      = clocks(WrNs, 2);
  localparam int unsigned Refi    = 32'(64'(RefiNs) * 64'(ClockHz) / 64'd1_000_000_000);
  localparam int unsigned Burst   = 8;                          // clocks of a column command
  localparam int unsigned Gw      = $clog2(PowerUp + 1);
  localparam int unsigned Rw      = $clog2(Refi);
  localparam int unsigned Refresh = 8;                          // of the initialization
  localparam logic [1:0]  Okay    = 2'b00, DecErr = 2'b11;

  // A bank that was opened sees a column command before anything else, so tRAS and tRC need no counter; neither does the longest tRAS,
  // since a refresh closes all rows.
  `ASSERT_INIT(RasIsKept_A, Rcd + Burst >= clocks(RasNs, 1))
  `ASSERT_INIT(RcIsKept_A, Rcd + Burst + Rp >= clocks(RcNs, 1))
  `ASSERT_INIT(RefreshFits_A, Refi > 2 * (Burst + Wr + Rp + Rfc + Rcd + Burst))

  typedef enum logic [3:0] {  // CS, RAS, CAS, WE as the pins have them
    Nop = 4'b0111, Active = 4'b0011, Read = 4'b0101, Write = 4'b0100, Precharge = 4'b0010, AutoRefresh = 4'b0001, LoadMode = 4'b0000
  } cmd_e;
  typedef enum logic [1:0] {Wait, Warm, Mode, Run} state_e;
  typedef struct packed {
    logic       host, bad, last;
    logic [3:0] id;
  } tag_t;

  // ---- read bursts: what is still to be read
  logic        rd_busy_q, rd_bad_q;
  logic [7:0]  rd_left_q;
  logic [20:0] rd_beat_q;
  logic [3:0]  rd_id_q;

  // ---- write bursts: beats still to come, and one that is here or being written
  logic               wr_busy_q, wr_bad_q, hold_valid_q, hold_last_q, b_valid_q;
  logic [20:0]        wr_beat_q;
  logic [3:0]         wr_id_q;
  logic [BusBits-1:0] hold_data_q;
  logic [Bus-1:0]     hold_strb_q;

  // ---- the next access
  logic        op_valid_q, op_write_q;
  tag_t        op_tag_q;
  logic [20:0] op_beat_q;
  logic        host_busy_q, turn_q;                             // turn_q: writes go first
  logic        host_go, rd_go, wr_go, pick_host, pick_rd, pick_wr;
  logic        issue_rd, issue_wr, host_done_rd, host_done_wr;
  logic [1:0]  beats_q;                                         // read, or on their way, and not yet taken

  assign ar_ready_o = !rd_busy_q;
  assign aw_ready_o = !wr_busy_q && !hold_valid_q && !b_valid_q;
  assign host_go    = mem_valid_i && !host_busy_q && (mem_write_i || beats_q < 2'd2);
  assign rd_go      = rd_busy_q && beats_q < 2'd2;
  assign wr_go      = hold_valid_q || (wr_busy_q && w_valid_i);
  assign pick_host  = !op_valid_q && host_go;
  assign pick_rd    = !op_valid_q && !host_go && rd_go && !(wr_go && turn_q);
  assign pick_wr    = !op_valid_q && !host_go && wr_go && !pick_rd;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rd_busy_q   <= 1'b0;
      rd_bad_q    <= 1'b0;
      rd_left_q   <= '0;
      rd_beat_q   <= '0;
      rd_id_q     <= '0;
      op_valid_q  <= 1'b0;
      op_write_q  <= 1'b0;
      op_tag_q    <= '0;
      op_beat_q   <= '0;
      host_busy_q <= 1'b0;
      turn_q      <= 1'b0;
    end else begin
      if (ar_valid_i && ar_ready_o) begin
        rd_busy_q <= 1'b1;
        rd_bad_q  <= ar_addr_i[ExtAddrWidth-1:25] != '0;
        rd_left_q <= ar_len_i;
        rd_beat_q <= ar_addr_i[24:4];
        rd_id_q   <= ar_id_i;
      end else if (pick_rd) begin
        rd_busy_q <= rd_left_q != '0;
        rd_left_q <= rd_left_q - 8'd1;
        rd_beat_q <= rd_beat_q + 21'd1;
      end

      if (issue_rd || issue_wr) op_valid_q <= 1'b0;
      if (pick_host || pick_rd || pick_wr) begin
        op_valid_q    <= 1'b1;
        op_write_q    <= pick_wr || (pick_host && mem_write_i);
        op_tag_q.host <= pick_host;
        op_tag_q.bad  <= (pick_rd && rd_bad_q) || (pick_wr && wr_bad_q);
        op_tag_q.last <= rd_left_q == '0;                       // of reads
        op_tag_q.id   <= rd_id_q;
        op_beat_q     <= pick_host ? mem_addr_i[24:4] : (pick_rd ? rd_beat_q : wr_beat_q);
      end
      if (pick_host) host_busy_q <= 1'b1;
      else if (mem_ready_o) host_busy_q <= 1'b0;
      if (pick_rd && rd_left_q == '0) turn_q <= 1'b1;
      else if (issue_wr && !op_tag_q.host && hold_last_q) turn_q <= 1'b0;
    end
  end

  // ---- data to the chip: a word per clock from the WRITE command on
  logic       wr_phase_q, wr_host_q, wr_bad_now_q, wr_host, wr_bad, w_take;
  logic [2:0] wr_word_q;

  assign w_ready_o    = wr_busy_q && !hold_valid_q && (!wr_phase_q || (wr_word_q == 3'd7 || wr_host_q));
  assign w_take       = w_valid_i && w_ready_o;
  assign wr_host      = issue_wr ? op_tag_q.host : wr_host_q;
  assign wr_bad       = issue_wr ? op_tag_q.bad : wr_bad_now_q;
  assign host_done_wr = wr_phase_q && wr_host_q && wr_word_q == 3'd7;
  assign b_valid_o    = b_valid_q;
  assign b_id_o       = wr_id_q;
  assign b_resp_o     = wr_bad_q ? DecErr : Okay;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wr_busy_q    <= 1'b0;
      wr_bad_q     <= 1'b0;
      wr_beat_q    <= '0;
      wr_id_q      <= '0;
      hold_valid_q <= 1'b0;
      hold_last_q  <= 1'b0;
      hold_data_q  <= '0;
      hold_strb_q  <= '0;
      b_valid_q    <= 1'b0;
      wr_phase_q   <= 1'b0;
      wr_host_q    <= 1'b0;
      wr_bad_now_q <= 1'b0;
      wr_word_q    <= '0;
    end else begin
      if (aw_valid_i && aw_ready_o) begin
        wr_busy_q <= 1'b1;
        wr_bad_q  <= aw_addr_i[ExtAddrWidth-1:25] != '0;
        wr_beat_q <= aw_addr_i[24:4];
        wr_id_q   <= aw_id_i;
      end else if (pick_wr) begin
        wr_beat_q <= wr_beat_q + 21'd1;
      end
      if (w_take) begin
        hold_data_q <= w_data_i;
        hold_strb_q <= w_strb_i;
        hold_last_q <= w_last_i;
        if (w_last_i) wr_busy_q <= 1'b0;
      end
      if (w_take) hold_valid_q <= 1'b1;
      else if (issue_wr && !op_tag_q.host) hold_valid_q <= 1'b0;
      if (issue_wr && !op_tag_q.host && hold_last_q) b_valid_q <= 1'b1;
      else if (b_ready_i) b_valid_q <= 1'b0;

      if (issue_wr) begin
        wr_phase_q   <= 1'b1;
        wr_host_q    <= op_tag_q.host;
        wr_bad_now_q <= op_tag_q.bad;
      end else if (wr_word_q == 3'd7) begin
        wr_phase_q <= 1'b0;
        wr_host_q  <= 1'b0;
      end
      if (issue_wr || wr_phase_q) wr_word_q <= wr_word_q + 3'd1;
    end
  end

  // ---- commands
  state_e             state_q, state_d;
  cmd_e               cmd;
  logic [Gw-1:0]      gap_q, gap;                               // clocks until the next command but column commands
  logic [3:0]         warm_q;
  logic [Rw-1:0]      refi_q;
  logic               due_q, fresh_q;                           // a refresh is due; a bank was opened for op_q
  logic [3:0]         open_q;
  logic [3:0][12:0]   row_q;
  logic [4:0]         since_q;                                  // clocks since the last column command, at most 31
  logic               last_wr_q;
  logic               hit, col_ok, pre_ok;
  logic [1:0]         bank;
  logic [12:0]        row, a;

  assign bank   = op_beat_q[7:6];
  assign row    = op_beat_q[20:8];
  assign hit    = open_q[bank] && row_q[bank] == row;
  assign col_ok = op_write_q ? (op_tag_q.host || hold_valid_q) && since_q >= (last_wr_q ? 5'(Burst) : 5'(Cas + Burst + 1))
                             : since_q >= 5'(Burst);
  assign pre_ok = since_q >= (last_wr_q ? 5'(Burst - 1 + Wr) : 5'(Burst));

  always_comb begin
    state_d  = state_q;
    cmd      = Nop;
    a        = '0;
    gap      = '0;                                              // its clocks - 1
    issue_rd = 1'b0;
    issue_wr = 1'b0;
    if (gap_q == '0) begin
      case (state_q)
        Wait: begin                                             // power has been stable for long enough
          cmd     = Precharge;
          a[10]   = 1'b1;
          gap     = Gw'(Rp - 1);
          state_d = Warm;
        end
        Warm: begin
          cmd = AutoRefresh;
          gap = Gw'(Rfc - 1);
          if (warm_q == 4'd1) state_d = Mode;
        end
        Mode: begin                                             // bursts of 8 for reads and writes, sequential
          cmd     = LoadMode;
          a       = {6'd0, 3'(Cas), 1'b0, 3'd3};
          gap     = Gw'(Mrd - 1);
          state_d = Run;
        end
        default: begin
          if (due_q && !fresh_q) begin
            if (open_q == '0) begin
              cmd = AutoRefresh;
              gap = Gw'(Rfc - 1);
            end else if (pre_ok) begin
              cmd   = Precharge;
              a[10] = 1'b1;
              gap   = Gw'(Rp - 1);
            end
          end else if (op_valid_q) begin
            if (hit) begin
              issue_rd = col_ok && !op_write_q;
              issue_wr = col_ok && op_write_q;
              if (issue_rd) cmd = Read;
              if (issue_wr) cmd = Write;
              a        = {4'd0, op_beat_q[5:0], 3'd0};
            end else if (open_q[bank]) begin
              if (pre_ok) begin
                cmd = Precharge;
                gap = Gw'(Rp - 1);
              end
            end else begin
              cmd = Active;
              a   = row;
              gap = Gw'(Rcd - 1);
            end
          end
        end
      endcase
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q   <= Wait;
      gap_q     <= Gw'(PowerUp);
      warm_q    <= 4'(Refresh);
      refi_q    <= '0;
      due_q     <= 1'b0;
      fresh_q   <= 1'b0;
      open_q    <= '0;
      row_q     <= '0;
      since_q   <= '1;
      last_wr_q <= 1'b0;
    end else begin
      state_q <= state_d;
      gap_q   <= (gap_q != '0) ? gap_q - Gw'(1) : gap;
      if (state_q == Warm && cmd == AutoRefresh) warm_q <= warm_q - 4'd1;

      refi_q <= (refi_q == Rw'(Refi - 1)) ? '0 : refi_q + Rw'(1);
      if (refi_q == Rw'(Refi - 1)) due_q <= 1'b1;
      else if (cmd == AutoRefresh) due_q <= 1'b0;

      if (cmd == Active) begin
        open_q[bank] <= 1'b1;
        row_q[bank]  <= row;
        fresh_q      <= 1'b1;
      end
      if (cmd == Precharge) open_q <= a[10] ? '0 : open_q & ~(4'd1 << bank);
      if (issue_rd || issue_wr) begin
        fresh_q   <= 1'b0;
        since_q   <= 5'd1;
        last_wr_q <= issue_wr;
      end else if (since_q != '1) begin
        since_q <= since_q + 5'd1;
      end
    end
  end

  // ---- the chip's pins
  logic [7:0][15:0] hold_words;
  logic [7:0][1:0]  hold_strbs;
  logic             dq_oe, dq_host;                             // dq_host: of any value while nothing is written, so it does not wait for that
  assign dq_host    = wr_phase_q ? wr_host_q : op_tag_q.host;
  assign hold_words = hold_data_q;
  assign hold_strbs = hold_strb_q;
  assign dq_oe      = issue_wr || wr_phase_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {sd_cs_no, sd_ras_no, sd_cas_no, sd_we_no} <= Nop;
      sd_cke_o   <= 1'b0;
      sd_ba_o    <= '0;
      sd_a_o     <= '0;
      sd_dqm_o   <= '1;
      sd_dq_o    <= '0;
      sd_dq_oe_o <= 1'b0;
    end else begin
      {sd_cs_no, sd_ras_no, sd_cas_no, sd_we_no} <= cmd;
      sd_cke_o   <= 1'b1;
      sd_ba_o    <= (state_q == Run) ? bank : '0;
      sd_a_o     <= a;
      sd_dq_oe_o <= dq_oe;
      sd_dq_o    <= dq_host ? (wr_word_q[0] ? mem_wdata_i[31:16] : mem_wdata_i[15:0]) : hold_words[wr_word_q];
      sd_dqm_o   <= '0;
      if (state_q != Run) sd_dqm_o <= '1;
      else if (dq_oe) sd_dqm_o <= wr_host ? {2{wr_word_q[2:1] != mem_addr_i[3:2]}} : ~hold_strbs[wr_word_q] | {2{wr_bad}};
    end
  end

  // ---- data from the chip: the n-th word comes Cas + n clocks after the command, and is here in the one after that.
  logic [15:0]        dq_q;
  logic [Cas:0]       rd_pipe_q, rd_host_q;                     // READ commands on their way, and which are the host's
  logic [2:0]         rx_word_q;
  logic               rx_host_q, rx_busy_q, rx, rx_host, full_q, move, tag_valid;
  logic [BusBits-1:0] beat_q, out_data_q;
  logic [31:0]        host_data_q;
  logic               out_valid_q, out_bad_q, out_last_q;
  logic [3:0]         out_id_q;
  tag_t               tag;

  always_ff @(negedge clk_i) dq_q <= sd_dq_i;

  // What the beats on their way are for
  wren_fifo #(
    .Width($bits(tag_t)),
    .Depth(2)
  ) u_tags (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .flush_i   (1'b0),
    .wr_valid_i(issue_rd),
    .wr_ready_o(),
    .wr_data_i (op_tag_q),
    .rd_valid_o(tag_valid),
    .rd_ready_i(move),
    .rd_data_o (tag),
    .count_o   ()
  );

  assign rx           = rd_pipe_q[Cas] || rx_busy_q;
  assign rx_host      = rx_busy_q ? rx_host_q : rd_host_q[Cas];
  assign move         = full_q && (tag.host || !out_valid_q || r_ready_i);
  assign host_done_rd = move && tag.host;
  assign mem_ready_o  = host_done_rd || host_done_wr;
  assign mem_rdata_o  = host_data_q;
  assign r_valid_o    = out_valid_q;
  assign r_data_o     = out_data_q;
  assign r_id_o       = out_id_q;
  assign r_last_o     = out_last_q;
  assign r_resp_o     = out_bad_q ? DecErr : Okay;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rd_pipe_q   <= '0;
      rd_host_q   <= '0;
      rx_word_q   <= '0;
      rx_host_q   <= 1'b0;
      rx_busy_q   <= 1'b0;
      full_q      <= 1'b0;
      beat_q      <= '0;
      host_data_q <= '0;
      out_valid_q <= 1'b0;
      out_bad_q   <= 1'b0;
      out_last_q  <= 1'b0;
      out_id_q    <= '0;
      out_data_q  <= '0;
      beats_q     <= '0;
    end else begin
      rd_pipe_q <= {rd_pipe_q[Cas-1:0], issue_rd};
      rd_host_q <= {rd_host_q[Cas-1:0], op_tag_q.host};
      if (rx) begin
        rx_word_q <= rx_word_q + 3'd1;
        rx_busy_q <= rx_word_q != 3'd7;
        rx_host_q <= rx_host;
        beat_q    <= {dq_q, beat_q[BusBits-1:16]};
        if (rx_host && rx_word_q[2:1] == mem_addr_i[3:2]) host_data_q <= {dq_q, host_data_q[31:16]};
      end
      if (rx && rx_word_q == 3'd7) full_q <= 1'b1;
      else if (move) full_q <= 1'b0;

      if (move && !tag.host) begin
        out_valid_q <= 1'b1;
        out_data_q  <= beat_q;
        out_bad_q   <= tag.bad;
        out_last_q  <= tag.last;
        out_id_q    <= tag.id;
      end else if (r_ready_i) begin
        out_valid_q <= 1'b0;
      end
      beats_q <= beats_q + 2'(issue_rd) - 2'((out_valid_q && r_ready_i) || host_done_rd);
      if ((out_valid_q && r_ready_i) && host_done_rd) beats_q <= beats_q + 2'(issue_rd) - 2'd2;
    end
  end

  logic unused;
  assign unused = ^{mem_addr_i[31:25], mem_addr_i[1:0], aw_addr_i[3:0], ar_addr_i[3:0], tag_valid};

  `ASSERT(BeatIsTaken_A, (rx && full_q) -> move)
  `ASSERT(TagIsThere_A, full_q -> tag_valid)
  `ASSERT(BeatsInRange_A, beats_q <= 2'd2)
  `ASSERT(NoReadWhileDriving_A, dq_oe -> !rx)

endmodule
