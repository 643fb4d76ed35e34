import assert from "node:assert/strict";
import { findFreePort, loopback } from "../../../../dev/stack/process/ports.ts";

Deno.test("findFreePort() gives no port that the system hands out by itself", () => {
  for (let draw = 0; draw < 50; draw++) {
    const port = findFreePort();
    assert.ok(port >= 10_240 && port < 32_768, String(port));
  }
});

Deno.test("findFreePort() draws again where the port is taken", () => {
  using taken = Deno.listen({ hostname: loopback, port: findFreePort() });
  const draws = [(taken.addr.port - 10_240 + 0.5) / 22_528];
  assert.notEqual(findFreePort(() => draws.pop() ?? Math.random()), taken.addr.port);
  assert.equal(draws.length, 0);
});
