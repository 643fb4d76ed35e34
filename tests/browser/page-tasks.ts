/** How long a page's own thread is busy, as Chromium's trace tells it. */
import type { Browser, Page } from "playwright-core";

interface TraceEvent {
  name: string;
  cat: string;
  pid: number;
  tid: number;
  ts: number;
  /** Time of the processor in microseconds: what other programs take is not in it. */
  tdur?: number;
}

/** The longest task of a page's thread while something runs, in milliseconds of processor time. */
export async function measureLongestTask(
  browser: Browser,
  page: Page,
  run: () => Promise<void>,
): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const events: TraceEvent[] = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value as never[]));
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: {
      includedCategories: ["toplevel", "devtools.timeline", "blink.user_timing"],
      excludedCategories: ["*"],
    },
  });
  // The mark tells which of the traced threads is the page's.
  await page.evaluate("performance.mark('measured from here') && undefined");
  await run();
  const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
  await session.send("Tracing.end");
  await complete;
  await session.detach();
  const mark = events.find(({ name }) => name === "measured from here")!;
  const tasks = events.filter(({ name, pid, tid, ts }) =>
    name === "RunTask" && pid === mark.pid && tid === mark.tid && ts > mark.ts
  );
  return Math.max(...tasks.map(({ tdur = 0 }) => tdur / 1000));
}
