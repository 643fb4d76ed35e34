/**
 * Half of what a request with a large picture takes and frees: glibc keeps twice the largest block that
 * it saw freed, and ignores blocks above 32 MiB.
 */
const BLOCK_BYTES = 24 * 1024 * 1024;

let isKept = false;

/**
 * Has the memory of large buffers kept for the next request once it is freed. glibc gives it back to the
 * system and then has each of its pages, thousands a request, handed out and zeroed anew, which costs
 * as much CPU as everything else that is done with a picture. It adapts, though: what is smaller than the
 * largest mapped block that was ever freed comes from the heap, and twice as much of that is kept.
 * So one such block is taken, not touched, which takes no memory, and freed. Does nothing the second
 * time, nor where the allocator is another one.
 *
 * https://man7.org/linux/man-pages/man3/mallopt.3.html, M_MMAP_THRESHOLD
 */
export function keepFreedMemory(): void {
  if (isKept) return;
  isKept = true;
  new ArrayBuffer(BLOCK_BYTES).transfer(0);
}
