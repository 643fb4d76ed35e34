/** Texts that are no answer: noise, and a model that declines. */

/** So many characters, and so few different ones, are no language. */
const [NOISE_LENGTH, NOISE_VARIETY] = [40, 4];
/** The share of a text that may be neither letters nor digits. */
const MOST_SYMBOLS = 0.7;

/** Says nothing: no letters, hardly any, or the same few again and again. */
export function isNoise(text: string): boolean {
  const said = text.replace(/\s+/g, "");
  if (!/\p{L}/u.test(said)) return true;
  const others = said.replace(/[\p{L}\p{N}\p{M}]+/gu, "");
  if (others.length > said.length * MOST_SYMBOLS) return true;
  if (said.length < NOISE_LENGTH) return false;
  const words = text.trim().toLowerCase().split(/\s+/);
  const isStuck = words.length >= 20 && new Set(words).size <= NOISE_VARIETY;
  return isStuck || new Set(said).size <= NOISE_VARIETY;
}

/** How models begin when they decline. A longer one of the same beginning needs no entry. */
const DECLINING = [
  "i'm sorry",
  "i am sorry",
  "sorry",
  "i apolog",
  "my apologies",
  "i'm unable",
  "i am unable",
  "i'm not able",
  "i am not able",
  "i'm afraid",
  "i can't",
  "i cannot",
  "i can not",
  "i don't see",
  "i do not see",
  "i won't",
  "unfortunately",
  "as an ai",
  "no image",
  "there is no image",
  "please provide",
  "please upload",
];

const DECLINES =
  /\b(?:can't|cannot|can not|unable|not able|won't|don't see|do not see|not (?:allowed|permitted)|no (?:image|picture|photo)|please (?:provide|upload|share)|(?:assist|help) with)\b/;

/** With one of these a text that begins so goes on to say something all the same. */
const SAYS_SOMETHING =
  /\b(?:looks? like|appears? to|seems? to|likely|probably|might be|could be|may be|resembles)\b/;

/** What is longer says more than no. */
const MAX_REFUSAL_LENGTH = 500;

/** The text may still become one that declines, so it isn't shown yet. */
export function mayDecline(text: string): boolean {
  const beginning = toPlain(text);
  return DECLINING.some((each) => each.startsWith(beginning) || beginning.startsWith(each));
}

/** The model declines to answer, in place of an answer. */
export function isDeclining(text: string): boolean {
  if (text.length > MAX_REFUSAL_LENGTH || !mayDecline(text)) return false;
  const plain = toPlain(text);
  return DECLINES.test(plain) && !SAYS_SOMETHING.test(plain);
}

function toPlain(text: string): string {
  return text.trimStart().replace(/[’‘`]/g, "'").replace(/^["'*_]+/, "")
    .toLowerCase();
}
