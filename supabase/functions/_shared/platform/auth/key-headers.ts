/** A publishable or secret key travels in `apikey` alone; a legacy one is a token as well. */
export function toKeyHeaders(key: string): Record<string, string> {
  // Where a token is wanted, the new keys are refused.
  return { apikey: key, ...(!key.startsWith("sb_") && { Authorization: `Bearer ${key}` }) };
}
