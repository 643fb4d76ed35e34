import assert from "node:assert/strict";

const modulePath = new URL(
  "../../../../../supabase/functions/_shared/platform/body/freed-memory.ts",
  import.meta.url,
).href;

/** Page faults of a process that takes 8 MiB, writes to it and frees it, ten times. */
async function countPageFaults({ isKept }: { isKept: boolean }): Promise<number> {
  const script = `
    if (${isKept}) {
      const { keepFreedMemory } = await import(Deno.args[0]);
      keepFreedMemory();
      keepFreedMemory();
    }
    const touch = () => new Uint8Array(8 * 1024 * 1024).fill(1).buffer.transfer(0);
    const faults = () => Number(Deno.readTextFileSync("/proc/self/stat").split(") ")[1].split(" ")[7]);
    touch();
    const before = faults();
    for (let i = 0; i < 10; i++) touch();
    console.log(faults() - before);
  `;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", script, modulePath],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return Number(new TextDecoder().decode(stdout));
}

Deno.test({
  name: "keepFreedMemory() spares the pages of large buffers from being taken anew each time",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const [kept, given] = [
      await countPageFaults({ isKept: true }),
      await countPageFaults({ isKept: false }),
    ];
    assert.ok(kept < 1_000, `"${kept}" page faults where memory is kept`);
    assert.ok(given > 2 * kept, `"${given}" page faults where it isn't, "${kept}" where it is`);
  },
});
