/* Driver of one Wren core for a host: C99, no allocation, no operating system.
 *
 *   static wren_device npu;
 *   wren_open(&npu, &bus, ring, ring_at_device, 256);
 *   wren_run(&npu, program, commands);          // or wren_submit, then wren_wait
 *
 * The platform gives access to the registers, memory for the ring, and a way to wait (wren_bus). A
 * program is commands of 64 bytes as docs/isa.md defines them, as `wren asm` writes them. One
 * thread at a time may call the functions of one device, except wren_irq.
 */
#ifndef WREN_DRIVER_H_
#define WREN_DRIVER_H_

#include <stddef.h>
#include <stdint.h>

#include "wren_regs.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a platform provides. `context` is handed to every function. */
typedef struct wren_bus {
  void* context;
  /* 32-bit accesses to the register at a byte offset, in program order, not cached. */
  uint32_t (*read)(void* context, uint32_t offset);
  void (*write)(void* context, uint32_t offset, uint32_t value);
  /* Makes what the processor wrote to [start, start + bytes) of the ring visible to the core:
   * cleans caches, drains write buffers. Null: the memory is coherent and stores are seen in order.
   */
  void (*publish)(void* context, const void* start, size_t bytes);
  /* Returns 0 to look at the core again: when its interrupt came, after a while, or at once (then
   * the driver polls). Anything else gives up. May sleep; a time limit is the platform's to keep.
   * Null: poll for ever. The interrupt comes for commands whose field `irq` is set, and for errors.
   */
  int (*wait)(void* context);
} wren_bus;

typedef enum wren_result {
  WREN_OK = 0,
  WREN_BUSY,      /* not all of it has been done yet */
  WREN_HALTED,    /* the core stopped at an error: wren_error says why, wren_reset starts anew */
  WREN_GAVE_UP,   /* wren_bus.wait did; what was submitted is still under way */
  WREN_NO_DEVICE, /* the ID register is not Wren's */
  WREN_OTHER_VERSION, /* of the command set than this driver's */
  WREN_BAD_ARGUMENT   /* see the function */
} wren_result;

/* Sizes of the core, from its registers. */
typedef struct wren_shape {
  uint32_t rows, cols, lanes, bus; /* array rows and columns, vector lanes, bytes per beat */
  uint32_t ab_bytes, wb_bytes, vm_bytes, acc_bytes, l2_bytes;
  uint32_t tables, semaphores, cores;
} wren_shape;

typedef struct wren_device {
  wren_bus bus;
  wren_shape shape;
  uint8_t* ring;          /* as the processor sees it */
  uint64_t ring_address;  /* as the core sees it */
  uint32_t ring_commands; /* a power of two */
  uint32_t tail;          /* commands submitted since the last reset, modulo 2^32 */
} wren_device;

/* Why the core halted (docs/registers.md, enum error). */
typedef struct wren_error_record {
  uint32_t code;    /* WREN_ERROR_... */
  uint32_t engine;  /* 0 ctl, 1 ld, 2 st, 3 mxe, 4 gta */
  uint32_t index;   /* of the command, counted from the last reset */
  uint32_t tag;     /* of the command */
  uint32_t info;    /* what the code says about it */
  uint64_t address; /* of a failing transfer */
} wren_error_record;

typedef struct wren_counters {
  uint64_t cycles; /* while commands were under way */
  uint64_t
      engine[4][6]; /* LD, ST, MXE, GTA: cycles in each WREN_BUCKET_...; every row sums to cycles */
  uint64_t read_bytes, write_bytes, fetch_bytes;
} wren_counters;

/* Finds the core, resets it, and gives it the ring: `ring_commands` (a power of two, 2 to 65536)
 * times 64 bytes at `ring`, which the core sees at `ring_address` (a multiple of 64, below 2^40).
 * WREN_NO_DEVICE, WREN_OTHER_VERSION, WREN_BAD_ARGUMENT (a ring or bus that is not as said),
 * WREN_GAVE_UP (in the reset). */
wren_result wren_open(wren_device* device, const wren_bus* bus, void* ring, uint64_t ring_address,
                      uint32_t ring_commands);

/* Stops what is under way at the next boundary of a transfer, forgets what was submitted, and
 * clears errors and semaphores. Memories keep what they hold. Takes as long as the memory needs for
 * transfers under way; WREN_GAVE_UP after WREN_RESET_LOOKS at the core. */
#define WREN_RESET_LOOKS 1000000u
wren_result wren_reset(wren_device* device);

/* Copies as many of `count` commands as the ring has room for, rings the doorbell once, and says in
 * *accepted how many that were (WREN_BUSY when not all). WREN_HALTED: none, the core has stopped.
 */
wren_result wren_submit(wren_device* device, const void* commands, uint32_t count,
                        uint32_t* accepted);

/* WREN_OK when everything submitted has retired; WREN_BUSY, WREN_HALTED. Does not wait. */
wren_result wren_poll(wren_device* device);

/* Waits until everything submitted has retired. WREN_OK, WREN_HALTED, WREN_GAVE_UP. */
wren_result wren_wait(wren_device* device);

/* Submits `count` commands, as the ring takes them, and waits for all. For interrupts while the
 * ring is full, some commands of a long program need `irq` too, at least one per ring. WREN_OK,
 * WREN_HALTED, WREN_GAVE_UP. */
wren_result wren_run(wren_device* device, const void* commands, uint32_t count);

/* For an interrupt handler: acknowledges, and returns the causes (WREN_IRQ_STATUS_DONE,
 * WREN_IRQ_STATUS_ERROR). The driver itself acknowledges whenever it waits, so a handler that only
 * wakes a thread need not call this if the interrupt is masked meanwhile. */
uint32_t wren_irq(wren_device* device);

/* Cycles that a command may wait for semaphores before the core halts; 0: for ever (as after
 * wren_open). */
void wren_set_timeout(wren_device* device, uint32_t cycles);

/* The record of the error that halted the core; code WREN_ERROR_NONE when it has not halted. */
void wren_error(wren_device* device, wren_error_record* record);

/* 1 when a quantizer or conversion saturated or met what is no number since the last call, else 0.
 */
int wren_take_numeric(wren_device* device);

void wren_read_counters(wren_device* device, wren_counters* counters);
void wren_clear_counters(wren_device* device);

/* One line of English, no newline; never null. */
const char* wren_result_text(wren_result result);
const char* wren_error_text(uint32_t code);

#ifdef __cplusplus
}
#endif

#endif
