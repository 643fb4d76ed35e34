/**
 * A value that is built when it is first asked for. Zod's schemas are: they take long to build, and most are
 * for requests that a worker never gets. What every request needs uses none (`request/fields.ts`, the limiter).
 */
export function lazily<Value>(build: () => Value): () => Value {
  let built: { value: Value } | undefined;
  return () => (built ??= { value: build() }).value;
}
