import assert from "node:assert/strict";
import { job, workOff } from "../../../support/fake-jobs.ts";

Deno.test("failures: three failures of one user have that user's jobs wait, and end no run", async () => {
  const ofUser = [1, 2, 3].map((id) => job(id, "u"));
  const { done, ends } = await workOff([...ofUser, job(4)], [
    ...ofUser.map(() => "UPSTREAM_INVALID_RESPONSE"),
    {},
  ]);
  assert.deepEqual(ends.map(([end, id]) => [end, id]), [
    ["back:job", 1],
    ["back:job", 2],
    ["back:owner", 3],
    ["done", 4],
  ]);
  assert.deepEqual([done.ended, done.analysed], ["idle", 1]);

  const mixed = [job(1, "u"), job(2, "u"), job(3, "v"), job(4), job(5)];
  const outage = await workOff(mixed, ["UPSTREAM_TIMEOUT"]);
  assert.deepEqual(
    outage.ends.map(([end, id]) => [end, id]),
    [["back:job", 1], ["back:job", 2], ["back:job", 3], ["back:outage", 4]],
  );
  assert.equal(outage.done.ended, "stopped");
});
