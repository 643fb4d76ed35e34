/**
 * A value that is built when it is first asked for. Zod's schemas are: built while the modules load, those of
 * the limiter and of requests took a tenth of the load, most of them for requests that a worker never gets.
 */
export function lazily<Value>(build: () => Value): () => Value {
  let built: { value: Value } | undefined;
  return () => (built ??= { value: build() }).value;
}
