/** What all tasks make of the arguments they are given. */
import assert from "node:assert/strict";
import {
  runTask,
  type Task,
  type TaskOptions,
  toCount,
  toDollars,
  UsageError,
} from "../../dev/run-task.ts";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";

/** @returns the exit code, and what was printed and complained about */
async function runWith<Options extends TaskOptions>(task: Task<Options>, args: string[]) {
  const printed: string[] = [];
  const complaints: string[] = [];
  const code = await runTask(task, args, {
    print: (text) => printed.push(text),
    complain: (text) => complaints.push(text),
  });
  return { code, printed: printed.join("\n"), complaints: complaints.join("\n") };
}

/** The tasks of deno.json that are a module, by name. The others are commands of Deno's own. */
async function loadTasks(): Promise<[name: string, text: string, task: Task<TaskOptions>][]> {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${projectDirectory}/deno.json`));
  const modules = Object.entries(tasks as Record<string, { command: string }>)
    .flatMap(([name, { command }]) => {
      const [, path] = /^deno run -A (\S+)$/.exec(command) ?? [];
      return path === undefined ? [] : [{ name, file: `${projectDirectory}/${path}` }];
    });
  return await Promise.all(modules.map(async ({ name, file }) => {
    const { task } = await import(file);
    // Of these a call would begin with the work.
    const run = () => Promise.reject(new Error(`${name} has begun`));
    return [name, await Deno.readTextFile(file), { ...task, run }];
  }));
}

const tasks = await loadTasks();

Deno.test("every task: --help prints how it is used and does nothing else", async () => {
  assert.ok(tasks.length >= 17, `${tasks.length} tasks were found`);
  for (const [name, text, task] of tasks) {
    assert.ok(text.endsWith("if (import.meta.main) Deno.exit(await runTask(task));\n"), name);
    for (const args of [["--help"], ["-h"], ["--nonsense", "--help"]]) {
      const { code, printed, complaints } = await runWith(task, args);
      assert.deepEqual([code, complaints], [0, ""], name);
      assert.ok(printed.startsWith(`Usage: deno task ${name}`), printed);
      for (const option of Object.keys(task.options === "any" ? {} : task.options ?? {})) {
        assert.ok(printed.includes(`--${option}`), `${name} --help tells nothing of --${option}`);
      }
    }
  }
});

Deno.test("every task: an unknown option is one sentence and exit code 2", async () => {
  for (const [name, , task] of tasks) {
    // deno test has the options of this one.
    if (task.options === "any") continue;
    const { code, printed, complaints } = await runWith(task, ["--nonsense", "a"]);
    assert.deepEqual([code, printed], [2, ""], name);
    assert.equal(
      complaints,
      `There is no option "--nonsense"; deno task ${name} --help tells how it is used`,
    );
  }
});

const options = { only: { type: "string" }, force: { type: "boolean" } } as const;

/** A task that tells what it was given. */
function createTask(takes: [number, number]): { task: Task<typeof options>; given: unknown[] } {
  const given: unknown[] = [];
  return {
    given,
    task: {
      name: "try",
      usage: " <folder>",
      options,
      takes,
      expects: [RangeError],
      run(values, args) {
        given.push({ ...values }, args);
        if (args[0] === "range") throw new RangeError("one\x1b[2J\ntwo");
        if (args[0] === "bug") throw new TypeError("a bug");
        return Promise.resolve(args[0] === "other" ? 130 : 0);
      },
    },
  };
}

Deno.test("runTask() gives a task its options and arguments, and its exit code back", async () => {
  const { task, given } = createTask([1, 2]);
  assert.equal((await runWith(task, ["a", "--only", "b", "--force"])).code, 0);
  assert.equal((await runWith(task, ["other", "--only=-1", "--", "--force"])).code, 130);
  assert.deepEqual(given, [
    { only: "b", force: true },
    ["a"],
    { only: "-1" },
    ["other", "--force"],
  ]);
});

Deno.test("runTask() refuses arguments that can't be used, in a sentence, with exit code 2", async () => {
  const { task, given } = createTask([1, 1]);
  const cases: [args: string[], sentence: string][] = [
    [["a", "b"], 'There is no use for "b"'],
    [["a", "--forces"], 'There is no option "--forces"'],
    [["a", "-f"], 'There is no option "-f"'],
    [["a", "--only"], '"--only" wants a value'],
    [["a", "--only", "--force"], '"--only" wants a value'],
    [["a", "--force=yes"], '"--force" takes no value'],
    [["a", "--__proto__"], 'There is no option "--__proto__"'],
    [["a", "--\x1b[2J"], 'There is no option "--\ufffd[2J"'],
  ];
  for (const [args, sentence] of cases) {
    const { code, complaints } = await runWith(task, args);
    assert.equal(complaints, `${sentence}; deno task try --help tells how it is used`);
    assert.equal(code, 2);
  }
  assert.deepEqual(await runWith(task, []), {
    code: 2,
    printed: "",
    complaints: "Usage: deno task try <folder>",
  });
  assert.deepEqual(given, []);
});

Deno.test("runTask() tells an expected error by its message alone, and throws any other", async () => {
  const { task } = createTask([0, 1]);
  const { code, complaints } = await runWith(task, ["range"]);
  assert.deepEqual([code, complaints], [1, "one\ufffd[2J\ntwo"]);
  await assert.rejects(runWith(task, ["bug"]), { name: "TypeError" });
});

Deno.test("runTask() with --json prints what it tells of a failure as JSON too, where a task has it", async () => {
  const { task } = createTask([1, 1]);
  const withJson = { ...task, options: { ...options, json: { type: "boolean" } } } as const;
  for (
    const [args, code, message] of [
      [["--json"], 2, "An argument is missing"],
      [["a", "b", "--json"], 2, 'There is no use for "b"'],
      [["a", "--json", "--bogus"], 2, 'There is no option "--bogus"'],
      [["range", "--json"], 1, "one\ufffd[2J\ntwo"],
    ] as [string[], number, string][]
  ) {
    const told = await runWith(withJson, args);
    assert.equal(told.code, code);
    assert.ok(JSON.parse(told.printed).error.startsWith(message), told.printed);
    assert.notEqual(told.complaints, "");
  }
  assert.equal((await runWith(task, ["a", "--json"])).printed, "");
});

Deno.test("toCount() and toDollars() take numbers that make sense, and no others", () => {
  assert.equal(toCount("--limit", "12"), 12);
  assert.equal(toCount("--days", "90", 90), 90);
  assert.equal(toDollars("--budget", "0.25"), 0.25);
  for (const text of ["0", "-1", "1.5", "", "x", "Infinity", "NaN", "91"]) {
    assert.throws(() => toCount("--days", text, 90), UsageError, text);
  }
  for (const text of ["0", "-1", "", "x", "Infinity", "NaN"]) {
    assert.throws(() => toDollars("--budget", text), UsageError, text);
  }
});
