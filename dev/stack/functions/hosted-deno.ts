/** The version of Deno that the hosted runtime embeds. */
export const HOSTED_VERSION = "2.1.4";

let found: Promise<string> | undefined;

/** Path of that Deno's binary: what `HOSTED_DENO_BIN` names, or npm's. */
export function findHostedDeno(): Promise<string> {
  return found ??= Promise.resolve(Deno.env.get("HOSTED_DENO_BIN") || installHostedDeno());
}

async function installHostedDeno(): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("npx", {
    args: ["-y", `deno@${HOSTED_VERSION}`, "eval", "--no-lock", "console.log(Deno.execPath())"],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}
