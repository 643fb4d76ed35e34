/**
 * semantic-analysis with the addresses of a hosted project and of Together, which it passes pictures in
 * Storage on as URLs for; its calls go to the addresses that stand in for them here.
 */
const ADDRESSES: [hosted: string, here: string][] = JSON.parse(Deno.env.get("BENCH_ADDRESSES")!);
const fetchHere = globalThis.fetch;

globalThis.fetch = (input, init) => {
  const url = input instanceof Request ? input.url : String(input);
  const address = ADDRESSES.find(([hosted]) => url.startsWith(hosted));
  if (address === undefined) return fetchHere(input, init);
  const here = address[1] + url.slice(address[0].length);
  return fetchHere(input instanceof Request ? new Request(here, input) : here, init);
};

const { default: served } = await import("../../../supabase/functions/semantic-analysis/index.ts");

export default served;
