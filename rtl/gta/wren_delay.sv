// wren_delay: a word Stages cycles later.
//
// Timing     q_o Stages cycles behind d_i; stage i takes its word when en_i[i] is set, so an idle pipe costs nothing to simulate.
module wren_delay #(
  parameter int unsigned Width  = 32,
  parameter int unsigned Stages = 1
) (
  input  logic              clk_i,
  input  logic [Stages-1:0] en_i,
  input  logic [Width-1:0]  d_i,
  output logic [Width-1:0]  q_o
);

  if (Stages == 1) begin : gen_one
    always_ff @(posedge clk_i) begin
      if (en_i[0]) q_o <= d_i;
    end
  end else begin : gen_many
    logic [Width-1:0] word_q [Stages];
    assign q_o = word_q[Stages-1];
    for (genvar i = 0; i < int'(Stages); i++) begin : gen_stage
      if (i == 0) begin : gen_first
        always_ff @(posedge clk_i) begin
          if (en_i[0]) word_q[0] <= d_i;
        end
      end else begin : gen_next
        always_ff @(posedge clk_i) begin
          if (en_i[i]) word_q[i] <= word_q[i-1];
        end
      end
    end
  end

endmodule
