import assert from "node:assert/strict";
import { listenForInterrupt } from "../../dev/interrupt.ts";

function setUp() {
  const listeners = new Map<string, () => void>();
  const clock = { ms: 5 };
  let ends = 0;
  const signal = listenForInterrupt({
    listen: (name, onSignal) => listeners.set(name, onSignal),
    now: () => clock.ms,
    end: () => ends++,
  });
  return { signal, clock, send: (name: string) => listeners.get(name)!(), countEnds: () => ends };
}

Deno.test("listenForInterrupt() is aborted by the first signal, whichever it is", () => {
  for (const name of ["SIGINT", "SIGTERM"]) {
    const { signal, send, countEnds } = setUp();
    assert.equal(signal.aborted, false);
    send(name);
    assert.deepEqual([signal.aborted, countEnds()], [true, 0]);
  }
});

Deno.test("listenForInterrupt() takes a signal that is passed on for the one it is, a later one for another", () => {
  const { clock, send, countEnds } = setUp();
  send("SIGINT");
  clock.ms += 999;
  send("SIGINT");
  assert.equal(countEnds(), 0);
  clock.ms += 1;
  send("SIGTERM");
  assert.equal(countEnds(), 1);
});
