/** The version of Deno that the hosted runtime embeds. */
export const HOSTED_VERSION = "2.1.4";

/** Path of that Deno's binary, which npm's `deno` brings. */
export async function findHostedDeno(): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("npx", {
    args: ["-y", `deno@${HOSTED_VERSION}`, "eval", "--no-lock", "console.log(Deno.execPath())"],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}
