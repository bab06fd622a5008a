/* Wren without an operating system: polls, no interrupt, no heap, no library. The linker script or
 * the compiler's command line gives the addresses; `program` is the output of `wren asm`, turned
 * into an object (objcopy -I binary) whose symbols are named here.
 *
 *   clang --target=riscv64-unknown-elf -ffreestanding -DWREN_REGISTERS=0x40000000 -Idriver/include
 * -c driver/examples/baremetal.c
 */
#include "wren_driver.h"

#ifndef WREN_REGISTERS
#define WREN_REGISTERS 0x40000000u /* of the AXI4-Lite port */
#endif
#ifndef WREN_PATIENCE
#define WREN_PATIENCE 100000000u /* looks at the core before the program gives up */
#endif

extern const unsigned char program_begin[], program_end[];

static unsigned char ring[64 * WREN_COMMAND_BYTES] __attribute__((aligned(64)));

static uint32_t read_register(void* context, uint32_t offset) {
  (void)context;
  return *(volatile uint32_t*)(uintptr_t)(WREN_REGISTERS + offset);
}

static void write_register(void* context, uint32_t offset, uint32_t value) {
  (void)context;
  *(volatile uint32_t*)(uintptr_t)(WREN_REGISTERS + offset) = value;
}

/* No data cache, or one that is coherent with the core; else clean [start, start + bytes) here. */
static void publish(void* context, const void* start, size_t bytes) {
  (void)context, (void)start, (void)bytes;
  __sync_synchronize();
}

static int count_down(void* context) {
  uint32_t* left = context;
  return (*left)-- == 0;
}

/* 0, or 1 + the code of the error that stopped the core, or 255. */
int run_program(void) {
  static wren_device device;
  uint32_t left = WREN_PATIENCE;
  wren_bus bus = {NULL, read_register, write_register, publish, count_down};
  wren_error_record error;
  bus.context = &left;
  if (wren_open(&device, &bus, ring, (uint64_t)(uintptr_t)ring, sizeof ring / WREN_COMMAND_BYTES) !=
      WREN_OK)
    return 255;
  switch (wren_run(&device, program_begin,
                   (uint32_t)((size_t)(program_end - program_begin) / WREN_COMMAND_BYTES))) {
    case WREN_OK:
      return 0;
    case WREN_HALTED:
      wren_error(&device, &error);
      return (int)(1 + error.code);
    default:
      return 255;
  }
}
