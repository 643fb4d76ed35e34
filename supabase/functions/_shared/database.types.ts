// deno-lint-ignore no-explicit-any
export type Database = any;
