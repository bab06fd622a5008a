// wren_dma_gather: reads a gather's indices from VM ahead of time and multiplies them with the source stride.
//
// Handshake  start_i begins with index 0 of n; offset is valid/ready and repeats the n offsets until last_i comes with a taken one.
//            The VM port is valid/ready; its data come one cycle after the grant.
// Timing     an offset takes three cycles and one more per four bits of the index.
`include "wren_assert.svh"

module wren_dma_gather
  import wren_pkg::*;
(
  input  logic                   clk_i,
  input  logic                   rst_ni,

  // A new gather; only while not busy
  output logic                   busy_o,
  input  logic                   start_i,
  input  logic [VmAddrWidth-1:0] base_i,
  input  logic [19:0]            n_i,
  input  logic [31:0]            stride_i,

  // Indices from VM
  output logic                   ix_valid_o,
  input  logic                   ix_ready_i,
  output logic [VmAddrWidth-1:0] ix_addr_o,
  input  logic [31:0]            ix_data_i,

  // index * stride
  output logic                   offset_valid_o,
  input  logic                   offset_ready_i,
  output logic [63:0]            offset_o,
  input  logic                   last_i          // with offset_ready_i: the gather's last one
);

  typedef enum logic [1:0] {StIdle, StRequest, StData, StMultiply} state_e;

  state_e                 state_q;
  logic [VmAddrWidth-1:0] base_q;
  logic [19:0]            n_q, i_q;
  logic [31:0]            stride_q, index_q;
  logic [63:0]            scaled_q, sum_q, sum;
  logic                   out_valid_q;
  logic [63:0]            out_q;
  logic                   out_take, stop_q;

  assign busy_o         = state_q != StIdle;
  assign ix_valid_o     = state_q == StRequest;
  assign ix_addr_o      = base_q + VmAddrWidth'({i_q, 2'b00});
  assign offset_valid_o = out_valid_q;
  assign offset_o       = out_q;
  assign out_take       = out_valid_q && offset_ready_i;
  assign sum            = sum_q + scaled_q * 64'(index_q[3:0]);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q     <= StIdle;
      out_valid_q <= 1'b0;
      stop_q      <= 1'b0;
      i_q         <= '0;
    end else begin
      if (out_take) out_valid_q <= 1'b0;
      unique case (state_q)
        StIdle: ;

        StRequest: begin
          if (ix_ready_i) begin
            state_q <= StData;
            i_q     <= (i_q == n_q - 20'd1) ? '0 : i_q + 20'd1;
          end
        end

        StData: state_q <= StMultiply;

        // Four bits of the index per cycle; then wait until the offset before has gone.
        StMultiply: begin
          if (index_q[31:4] == '0 && (!out_valid_q || out_take)) begin
            out_valid_q <= 1'b1;
            state_q     <= StRequest;
          end
        end

        default: state_q <= StIdle;
      endcase
      // The indices read ahead of the last one are dropped; a request on the port is waited for.
      if (stop_q && (state_q != StRequest || ix_ready_i)) begin
        state_q     <= StIdle;
        stop_q      <= 1'b0;
        out_valid_q <= 1'b0;
      end else if (out_take && last_i) begin
        out_valid_q <= 1'b0;
        if (state_q == StRequest && !ix_ready_i) stop_q <= 1'b1;
        else state_q <= StIdle;
      end
      if (start_i) begin
        state_q <= StRequest;
        i_q     <= '0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      base_q   <= base_i;
      n_q      <= n_i;
      stride_q <= stride_i;
    end
    if (state_q == StData) begin
      index_q  <= ix_data_i;
      scaled_q <= 64'(stride_q);
      sum_q    <= '0;
    end else if (state_q == StMultiply && index_q[31:4] != '0) begin
      index_q  <= index_q >> 4;
      scaled_q <= scaled_q << 4;
      sum_q    <= sum;
    end
    if (state_q == StMultiply && index_q[31:4] == '0 && (!out_valid_q || out_take)) out_q <= sum;
  end

  `ASSERT(StartWhenIdle_A, start_i -> state_q == StIdle)
  `ASSERT_HOLD(IxHold_A, ix_valid_o, ix_ready_i, ix_addr_o)

endmodule
