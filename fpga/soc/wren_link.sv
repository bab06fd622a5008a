// wren_link: a host at the other end of a serial line reads and writes the memory and the CSRs in checked frames.
//
// Request    A5, op, seq, words, address (4 bytes), data (4 bytes per word, if op writes), CRC (4 bytes). Numbers have their low byte
//            first. op: 0 reads memory, 1 writes memory, 2 reads CSRs, 3 writes CSRs; words: 1 to 64; address: of the first word,
//            a multiple of 4.
// Answer     5A, status, seq of the request, words, data (if a read went well, else words = 0), CRC. status: 0 done, 1 the request
//            makes no sense, 2 an address lies outside the memory, 3 a CSR access failed.
// CRC        CRC-32 as in Ethernet and zlib, over all bytes before it.
// Errors     A frame with a wrong CRC or with words above 64 or 0, a byte without its stop bit, and a pause of 2^QuietBits clocks within a frame make
//            the link drop the frame: no answer. It then ignores the line until that has been quiet for as long. The host, which
//            gets no answer or one with a wrong CRC, waits for longer than that and sends the same frame again.
// Repeats    A write equal to the request before it (the same CRC) is answered as then, but not done again: the host counts seq up
//            from request to request, so only a repeated frame is equal.
// Handshake  rx is valid/ready: a request under way keeps the bytes behind it waiting, so a host may send the next request before the
//            answer to this one has come, as long as a FIFO before rx holds what comes meanwhile. Answers are in the order of requests.
module wren_link #(
  parameter  int unsigned MemBytes  = 65536,
  parameter  int unsigned QuietBits = 18
) (
  input  logic        clk_i,
  input  logic        rst_ni,

  // Serial line: a byte received or its error; a byte to send
  input  logic        rx_valid_i,
  output logic        rx_ready_o,
  input  logic        rx_error_i,         // with rx_ready_o, instead of rx_valid_i
  input  logic [7:0]  rx_data_i,
  output logic        tx_valid_o,
  input  logic        tx_ready_i,
  output logic [7:0]  tx_data_o,
  output logic        drop_o,             // pulse: a frame was dropped

  // Memory: one word per request, read data the cycle after ready
  output logic        mem_valid_o,
  input  logic        mem_ready_i,
  output logic        mem_write_o,
  output logic [31:0] mem_addr_o,
  output logic [31:0] mem_wdata_o,
  input  logic [31:0] mem_rdata_i,

  // CSRs: AXI4-Lite master
  output logic        m_aw_valid_o,
  input  logic        m_aw_ready_i,
  output logic [11:0] m_aw_addr_o,
  output logic        m_w_valid_o,
  input  logic        m_w_ready_i,
  output logic [31:0] m_w_data_o,
  output logic [3:0]  m_w_strb_o,
  input  logic        m_b_valid_i,
  output logic        m_b_ready_o,
  input  logic [1:0]  m_b_resp_i,
  output logic        m_ar_valid_o,
  input  logic        m_ar_ready_i,
  output logic [11:0] m_ar_addr_o,
  input  logic        m_r_valid_i,
  output logic        m_r_ready_o,
  input  logic [31:0] m_r_data_i,
  input  logic [1:0]  m_r_resp_i
);

  localparam logic [31:0] Init = 32'hffff_ffff;
  localparam logic [31:0] Good = 32'hdebb_20e3;                 // the CRC register after a frame and its CRC

  typedef enum logic [3:0] {
    Quiet, Idle, Head, Data, Crc, Judge, Ask, Wait, Store, SendHead, SendData, SendCrc
  } state_e;
  typedef enum logic [7:0] {Done = 8'd0, Senseless = 8'd1, Outside = 8'd2, CsrFailed = 8'd3} status_e;

  function automatic logic [31:0] crc_next(input logic [31:0] crc, input logic [7:0] data);
    logic [31:0] r;
    r = crc ^ {24'd0, data};
    for (int unsigned i = 0; i < 8; i++) r = (r >> 1) ^ (r[0] ? 32'hedb8_8320 : 32'd0);
    return r;
  endfunction

  state_e               state_q;
  status_e              status_q;
  logic [QuietBits-1:0] quiet_q;
  logic [2:0]           byte_q;                                 // of the head, word or CRC
  logic [7:0]           op_q, seq_q, words_q, index_q;
  logic [31:0]          addr_q, word_q, crc_q, last_q;
  logic                 last_valid_q, aw_q, w_q;

  logic        write, csr, repeated, sensible, in_range, last_word, rx_waits, tx_fires;
  logic [7:0]  answer_words;
  logic [33:0] past;

  assign write        = op_q[0];
  assign csr          = op_q[1];
  assign repeated     = last_valid_q && last_q == word_q;       // word_q: the CRC received
  assign sensible     = op_q[7:2] == '0 && addr_q[1:0] == '0;
  assign past         = 34'(addr_q) + {24'd0, words_q, 2'b00};
  assign in_range     = past <= (csr ? 34'd4096 : 34'(MemBytes));
  assign answer_words = (status_q == Done && !write) ? words_q : '0;
  assign last_word    = index_q == words_q - 8'd1;
  assign rx_waits     = state_q == Head || state_q == Data || state_q == Crc;
  assign tx_fires     = tx_valid_o && tx_ready_i;
  assign rx_ready_o   = rx_waits || state_q == Quiet || state_q == Idle;

  // One buffer: the data of the request, then of the answer
  logic        buf_we;
  logic [31:0] buf_wdata, buf_rdata;
  assign buf_we    = (state_q == Data && rx_valid_i && byte_q == 3'd3) || state_q == Store;
  assign buf_wdata = (state_q == Store) ? word_q : {rx_data_i, word_q[31:8]};
  wren_rf_1r1w #(
    .Width(32),
    .Depth(64)
  ) u_buf (
    .clk_i  (clk_i),
    .we_i   (buf_we),
    .waddr_i(index_q[5:0]),
    .wdata_i(buf_wdata),
    .raddr_i(index_q[5:0]),
    .rdata_o(buf_rdata)
  );

  assign mem_valid_o  = state_q == Ask && !csr;
  assign mem_write_o  = write;
  assign mem_addr_o   = addr_q;
  assign mem_wdata_o  = buf_rdata;
  assign m_aw_valid_o = state_q == Ask && csr && write && !aw_q;
  assign m_aw_addr_o  = addr_q[11:0];
  assign m_w_valid_o  = state_q == Ask && csr && write && !w_q;
  assign m_w_data_o   = buf_rdata;
  assign m_w_strb_o   = '1;
  assign m_b_ready_o  = state_q == Wait && csr && write;
  assign m_ar_valid_o = state_q == Ask && csr && !write;
  assign m_ar_addr_o  = addr_q[11:0];
  assign m_r_ready_o  = state_q == Wait && csr && !write;

  assign tx_valid_o = state_q == SendHead || state_q == SendData || state_q == SendCrc;
  always_comb begin
    case (byte_q[1:0])
      2'd0:    tx_data_o = 8'h5a;
      2'd1:    tx_data_o = status_q;
      2'd2:    tx_data_o = seq_q;
      default: tx_data_o = answer_words;
    endcase
    if (state_q == SendData) tx_data_o = buf_rdata[{byte_q[1:0], 3'd0} +: 8];
    if (state_q == SendCrc) tx_data_o = ~crc_q[{byte_q[1:0], 3'd0} +: 8];
  end

  // What a word in Ask, Wait and Store needs to go on
  logic asked, waited, failed;
  always_comb begin
    asked  = mem_ready_i;
    waited = 1'b1;
    failed = 1'b0;
    if (csr && write) begin
      asked  = (aw_q || m_aw_ready_i) && (w_q || m_w_ready_i);
      waited = m_b_valid_i;
      failed = m_b_resp_i != 2'b00;
    end else if (csr) begin
      asked  = m_ar_ready_i;
      waited = m_r_valid_i;
      failed = m_r_resp_i != 2'b00;
    end
  end

  state_e state_d;
  always_comb begin
    state_d = state_q;
    case (state_q)
      Quiet:    if (quiet_q == '1) state_d = Idle;
      Idle:     if (rx_valid_i) state_d = (rx_data_i == 8'ha5) ? Head : Quiet;
      Head: if (rx_valid_i) begin
        if (byte_q == 3'd3 && (rx_data_i == '0 || rx_data_i > 8'd64)) state_d = Quiet;
        if (byte_q == 3'd7) state_d = write ? Data : Crc;
      end
      Data:     if (rx_valid_i && byte_q == 3'd3 && last_word) state_d = Crc;
      Crc:      if (rx_valid_i && byte_q == 3'd3) state_d = Judge;
      Judge: begin
        if (crc_q != Good) state_d = Quiet;
        else if ((write && repeated) || !sensible || !in_range) state_d = SendHead;
        else state_d = Ask;
      end
      Ask:      if (asked) state_d = Wait;
      Wait: if (waited) begin
        if (failed) state_d = SendHead;
        else if (!write) state_d = Store;
        else state_d = last_word ? SendHead : Ask;
      end
      Store:    state_d = last_word ? SendHead : Ask;
      SendHead: if (tx_ready_i && byte_q == 3'd3) state_d = (answer_words != '0) ? SendData : SendCrc;
      SendData: if (tx_ready_i && byte_q == 3'd3 && last_word) state_d = SendCrc;
      SendCrc:  if (tx_ready_i && byte_q == 3'd3) state_d = Idle;
      default:  state_d = Quiet;
    endcase
    if (rx_waits && (rx_error_i || quiet_q == '1)) state_d = Quiet;
  end

  logic next_word;                                              // the word at index_q is done
  assign next_word = (state_q == Data && rx_valid_i && byte_q == 3'd3) || (state_q == Wait && waited && write) || state_q == Store
                   || (state_q == SendData && tx_fires && byte_q == 3'd3);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q      <= Idle;
      status_q     <= Done;
      quiet_q      <= '0;
      byte_q       <= '0;
      op_q         <= '0;
      seq_q        <= '0;
      words_q      <= '0;
      index_q      <= '0;
      addr_q       <= '0;
      word_q       <= '0;
      crc_q        <= Init;
      last_q       <= '0;
      last_valid_q <= 1'b0;
      aw_q         <= 1'b0;
      w_q          <= 1'b0;
      drop_o       <= 1'b0;
    end else begin
      state_q <= state_d;
      drop_o  <= state_q != Quiet && state_d == Quiet;
      quiet_q <= (rx_valid_i || rx_error_i || state_q == Idle) ? '0 : quiet_q + QuietBits'(1);

      // The head's bytes count to 7, those of a word to 3.
      if ((rx_waits && rx_valid_i) || tx_fires) byte_q <= (byte_q == 3'd3 && state_q != Head) ? '0 : byte_q + 3'd1;
      if (state_q == Idle) byte_q <= 3'd1;
      if (state_q == Judge) byte_q <= '0;

      if (next_word) index_q <= last_word ? '0 : index_q + 8'd1;
      if (state_q == Idle || state_q == Judge || state_d == SendHead) index_q <= '0;

      if (state_q == Idle) crc_q <= crc_next(Init, 8'ha5);
      else if (state_q == Judge) crc_q <= Init;
      else if (rx_waits && rx_valid_i) crc_q <= crc_next(crc_q, rx_data_i);
      else if (tx_fires && state_q != SendCrc) crc_q <= crc_next(crc_q, tx_data_o);

      if (state_q == Head && rx_valid_i) begin
        case (byte_q)
          3'd1:    op_q <= rx_data_i;
          3'd2:    seq_q <= rx_data_i;
          3'd3:    words_q <= rx_data_i;
          default: addr_q <= {rx_data_i, addr_q[31:8]};
        endcase
      end
      if ((state_q == Data || state_q == Crc) && rx_valid_i) word_q <= {rx_data_i, word_q[31:8]};
      if (state_q == Wait) word_q <= csr ? m_r_data_i : mem_rdata_i;

      if (state_q == Judge && crc_q == Good && !(write && repeated)) begin
        last_q       <= word_q;
        last_valid_q <= write;
        status_q     <= !sensible ? Senseless : (!in_range ? Outside : Done);
      end
      if (state_q == Wait && waited && failed) status_q <= CsrFailed;

      aw_q <= state_q == Ask && (aw_q || m_aw_ready_i);
      w_q  <= state_q == Ask && (w_q || m_w_ready_i);
      if ((state_q == Wait || state_q == Store) && state_d == Ask) addr_q <= addr_q + 32'd4;
    end
  end

endmodule
