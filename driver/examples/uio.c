/* Runs a program of commands on a Wren core from Linux user space: registers through UIO, memory
 * through u-dma-buf.
 *
 *   wren-uio /dev/uio0 udmabuf0 program.bin [put OFFSET FILE]... [get OFFSET BYTES FILE]...
 *
 * The device tree gives the core's 4 KiB of registers and its interrupt to uio_pdrv_genirq, and a
 * buffer to u-dma-buf; the core's AXI master sees the buffer at its physical address. The first 16
 * KiB of the buffer are the ring; `put` copies a file to OFFSET before the program runs, `get`
 * writes BYTES from OFFSET to a file afterwards. program.bin is what `wren asm` writes; its
 * addresses are physical ones. Exit status 0, 1 (the core stopped at an error, or did not finish in
 * 10 s), 2 (usage, files, device). */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "wren_driver.h"

enum { kRegisterBytes = 4096, kRingCommands = 256, kMilliseconds = 10000 };

typedef struct platform {
  int uio;
  volatile uint32_t* registers;
} platform;

static uint32_t read_register(void* context, uint32_t offset) {
  return ((platform*)context)->registers[offset / 4];
}

static void write_register(void* context, uint32_t offset, uint32_t value) {
  ((platform*)context)->registers[offset / 4] = value;
}

/* The buffer is mapped uncached (O_SYNC): only order is needed. */
static void publish(void* context, const void* start, size_t bytes) {
  (void)context, (void)start, (void)bytes;
  __sync_synchronize();
}

/* UIO masks the interrupt when it comes; a write of 1 lets it through again. The driver has
 * acknowledged at the core before. */
static int wait_for_interrupt(void* context) {
  const platform* p = context;
  const uint32_t unmask = 1;
  uint32_t count;
  struct pollfd event = {p->uio, POLLIN, 0};
  if (write(p->uio, &unmask, sizeof unmask) != (ssize_t)sizeof unmask) return 1;
  if (poll(&event, 1, kMilliseconds) <= 0) return 1;
  return read(p->uio, &count, sizeof count) != (ssize_t)sizeof count;
}

static int fail(const char* what, const char* name) {
  fprintf(stderr, "wren-uio: %s %s: %s\n", what, name, strerror(errno));
  return 2;
}

/* A number that u-dma-buf shows in sysfs. */
static int read_number(const char* buffer, const char* name, unsigned long long* value) {
  char path[256];
  FILE* file;
  int ok;
  snprintf(path, sizeof path, "/sys/class/u-dma-buf/%s/%s", buffer, name);
  file = fopen(path, "r");
  if (file == NULL) return 0;
  ok = fscanf(file, "%lli", (long long*)value) == 1;
  fclose(file);
  return ok;
}

static void* read_file(const char* name, size_t* bytes) {
  FILE* file = fopen(name, "rb");
  void* data = NULL;
  long size;
  if (file == NULL) return NULL;
  if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0) {
    *bytes = (size_t)size;
    data = malloc(*bytes + 1);
    if (data != NULL && fread(data, 1, *bytes, file) != *bytes) {
      free(data);
      data = NULL;
      errno = EIO;
    }
  }
  fclose(file);
  return data;
}

int main(int argc, char** argv) {
  platform p;
  wren_bus bus = {&p, read_register, write_register, publish, wait_for_interrupt};
  wren_device device;
  wren_error_record error;
  wren_result result;
  unsigned long long size = 0, address = 0;
  size_t bytes, program_bytes;
  char path[256];
  uint8_t *memory, *data, *program;
  int fd, i;

  if (argc < 4) {
    fprintf(stderr,
            "usage: wren-uio /dev/uio0 udmabuf0 program.bin [put OFFSET FILE]... [get OFFSET BYTES "
            "FILE]...\n");
    return 2;
  }
  p.uio = open(argv[1], O_RDWR);
  if (p.uio < 0) return fail("cannot open", argv[1]);
  p.registers = mmap(NULL, kRegisterBytes, PROT_READ | PROT_WRITE, MAP_SHARED, p.uio, 0);
  if (p.registers == MAP_FAILED) return fail("cannot map the registers of", argv[1]);
  if (!read_number(argv[2], "size", &size) || !read_number(argv[2], "phys_addr", &address))
    return fail("no u-dma-buf named", argv[2]);
  snprintf(path, sizeof path, "/dev/%s", argv[2]);
  fd = open(path, O_RDWR | O_SYNC);
  if (fd < 0) return fail("cannot open", path);
  memory = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return fail("cannot map", path);
  program = read_file(argv[3], &program_bytes);
  if (program == NULL) return fail("cannot read", argv[3]);
  if (program_bytes % WREN_COMMAND_BYTES != 0 || size < kRingCommands * WREN_COMMAND_BYTES) {
    fprintf(stderr, "wren-uio: %s is not whole commands of 64 bytes, or %s is below 16 KiB\n",
            argv[3], argv[2]);
    return 2;
  }

  result = wren_open(&device, &bus, memory, address, kRingCommands);
  if (result != WREN_OK) {
    fprintf(stderr, "wren-uio: %s\n", wren_result_text(result));
    return 2;
  }
  printf("%u x %u cells, %u lanes, %u bytes of L2\n", device.shape.rows, device.shape.cols,
         device.shape.lanes, device.shape.l2_bytes);

  for (i = 4; i < argc && strcmp(argv[i], "put") == 0; i += 3) {
    const unsigned long long offset = i + 2 < argc ? strtoull(argv[i + 1], NULL, 0) : 0;
    data = i + 2 < argc ? read_file(argv[i + 2], &bytes) : NULL;
    if (data == NULL)
      return fail("cannot read what to put:", i + 2 < argc ? argv[i + 2] : "put OFFSET FILE");
    if (offset > size || bytes > size - offset) {
      fprintf(stderr, "wren-uio: %s does not fit the buffer at %llu\n", argv[i + 2], offset);
      return 2;
    }
    memcpy(memory + offset, data, bytes);
    free(data);
  }

  result = wren_run(&device, program, (uint32_t)(program_bytes / WREN_COMMAND_BYTES));
  if (result == WREN_HALTED) {
    wren_error(&device, &error);
    fprintf(stderr, "wren-uio: command %u: %s (info %u, address %#llx)\n", error.index,
            wren_error_text(error.code), error.info, (unsigned long long)error.address);
    return 1;
  }
  if (result != WREN_OK) {
    fprintf(stderr, "wren-uio: %s\n", wren_result_text(result));
    return 1;
  }

  for (; i + 3 < argc && strcmp(argv[i], "get") == 0; i += 4) {
    const unsigned long long offset = strtoull(argv[i + 1], NULL, 0),
                             count = strtoull(argv[i + 2], NULL, 0);
    FILE* file;
    if (offset > size || count > size - offset) {
      fprintf(stderr, "wren-uio: %llu bytes at %llu are beyond the buffer\n", count, offset);
      return 2;
    }
    file = fopen(argv[i + 3], "wb");
    if (file == NULL || fwrite(memory + offset, 1, (size_t)count, file) != count ||
        fclose(file) != 0)
      return fail("cannot write", argv[i + 3]);
  }
  if (i != argc) {
    fprintf(stderr, "wren-uio: do not understand '%s'\n", argv[i]);
    return 2;
  }
  return 0;
}
