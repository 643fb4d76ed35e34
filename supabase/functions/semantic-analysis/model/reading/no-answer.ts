/** Texts that are no answer: noise, and a model that declines. */

/** So many characters, and so few different ones, are no language. */
const [NOISE_LENGTH, NOISE_VARIETY] = [40, 4];
/** So many words, each so often on average, are a loop. */
const [LOOP_WORDS, LOOP_ROUNDS] = [100, 10];
/** The share of a text that may be neither letters nor digits. */
const MOST_SYMBOLS = 0.7;

/**
 * Has letters, of any script. Latin ones are looked for first: V8 takes a millisecond to compile a class of
 * Unicode, and a worker's first answer waits for it.
 */
export function hasLetters(text: string): boolean {
  return /[a-z]/i.test(text) || /\p{L}/u.test(text);
}

/** Says nothing: no letters, hardly any, or the same few again and again. */
export function isNoise(text: string): boolean {
  const said = text.replace(/\s+/g, "");
  if (!hasLetters(said)) return true;
  const isMostOf = (symbols: string) => symbols.length > said.length * MOST_SYMBOLS;
  const isMostlySymbols = isMostOf(said.replace(/[a-z\d]+/gi, "")) &&
    isMostOf(said.replace(/[\p{L}\p{N}\p{M}]+/gu, ""));
  if (isMostlySymbols) return true;
  if (said.length < NOISE_LENGTH) return false;
  const words = text.trim().toLowerCase().split(/\s+/);
  const variety = new Set(words).size;
  const isStuck = words.length >= 20 && variety <= NOISE_VARIETY ||
    words.length >= LOOP_WORDS && variety * LOOP_ROUNDS <= words.length;
  return isStuck || new Set(said).size <= NOISE_VARIETY;
}

/** How models begin when they decline. A longer one of the same beginning needs no entry. */
const DECLINING = [
  "i'm sorry",
  "i'm really sorry",
  "i'm very sorry",
  "i'm so sorry",
  "i am sorry",
  "i am really sorry",
  "sorry",
  "i apolog",
  "apolog",
  "my apologies",
  "i'm unable",
  "i am unable",
  "i'm not able",
  "i am not able",
  "i'm afraid",
  "i'm only a",
  "i am only a",
  "i'm a text",
  "i am a text",
  "i can't",
  "i cannot",
  "i can not",
  "i could not",
  "i couldn't",
  "i don't",
  "i do not",
  "i didn't",
  "i need",
  "i must decline",
  "i have to decline",
  "i won't",
  "we can't",
  "we cannot",
  "unable to",
  "unfortunately",
  "as an ai",
  "as an artificial",
  "as a text",
  "as a language model",
  "as a large language model",
  "es tut mir leid",
  "entschuldigung",
  "ich kann",
  "lo siento",
  "lamento",
  "no puedo",
  "je suis désolé",
  "désolé",
  "je ne peux",
  "mi dispiace",
  "desculpe",
  "het spijt",
  "к сожалению",
  "извините",
  "抱歉",
  "很抱歉",
  "对不起",
  "我无法",
  "申し訳",
  "죄송",
];

/** Others begin like many a description: what tells is that they say there is no picture. */
const MISSING_PICTURE = [
  ...["no image", "no picture", "no photo", "please", "could you", "can you", "error"],
  ...["there is no ", "there's no ", "there was no ", "there doesn't", "there does not"],
  ...[
    "hello",
    "hi,",
    "hi!",
    "hi there",
    "sure,",
    "sure!",
    "of course",
    "certainly",
    "you haven't",
    "you didn't",
  ],
  ...["it looks like", "it seems", "it appears"].flatMap((each) =>
    [" that", " the ", " you", " no ", " there"].map((next) => each + next)
  ),
  ...["image", "picture", "photo"].flatMap((noun) =>
    [" could", " can", " did", " fail", " was not", " wasn't", " is missing", " is not", " isn't"]
      .map((next) => `the ${noun}${next}`)
  ),
];

const DECLINES =
  /\b(?:can't|cannot|can not|couldn't|could not|unable|not able|won't|decline|(?:don't|do not|didn't) (?:see|have|receive)|not (?:allowed|permitted)|no (?:image|picture|photo)|need an? (?:image|picture|photo)|please (?:provide|upload|share)|(?:assist|help) with)\b|nicht|no puedo|ne peux pas|non posso|não|niet|не могу|无法|不能|できません|없습니다/;

const SAYS_MISSING = new RegExp(
  [
    "(?:\\b(?:no|any)|(?:n't|not) .{0,30}\\ban) (?:image|picture|photo)s? (?:\\w+ )?(?:attached|provided|uploaded|included|shared|received|available|found)\\b",
    "\\b(?:image|picture|photo)s? (?:(?:didn't|did not) (?:come|load|upload|go)|(?:could|can)(?:n't| not|not) be (?:loaded|processed|opened|read|displayed|analyzed)|failed to)\\b",
    "\\b(?:provide|upload|share|attach) (?:the|an|your) (?:image|picture|photo)\\b",
    "\\bthere(?:'s| is| was) no (?:image|picture|photo)\\b|^no (?:image|picture|photo)s?\\W*$",
    "(?:don't|do not|can't|cannot) see (?:any|an|the) (?:image|picture|photo)\\b",
  ].join("|"),
);

/** With one of these a text that begins so goes on to say something all the same. */
const SAYS_SOMETHING =
  /\b(?:looks? like|appears? to|seems? to|likely|probably|might be|could be|may be|resembles)\b/;

/** What is longer says more than no. */
const MAX_REFUSAL_LENGTH = 500;
/** That there is no picture is said at once, and a description isn't held back for longer. */
const MAX_MISSING_LENGTH = 160;

/** The text may still become one that declines, so it isn't shown yet. */
export function mayDecline(text: string): boolean {
  if (text.length > MAX_REFUSAL_LENGTH) return false;
  const beginning = toPlain(text);
  if ([...DECLINING, ...MISSING_PICTURE].some((each) => each.startsWith(beginning))) return true;
  if (begins(beginning, DECLINING)) return true;
  return beginning.length <= MAX_MISSING_LENGTH && begins(beginning, MISSING_PICTURE);
}

/** The model declines to answer, in place of an answer. */
export function isDeclining(text: string): boolean {
  if (text.length > MAX_REFUSAL_LENGTH) return false;
  const plain = toPlain(text);
  // Few texts begin so, and the expressions after it take V8 milliseconds to compile.
  const isLikeNo = begins(plain, DECLINING);
  const mayMiss = plain.length <= MAX_MISSING_LENGTH &&
    (isLikeNo || begins(plain, MISSING_PICTURE));
  if (mayMiss && SAYS_MISSING.test(plain)) return true;
  return isLikeNo && DECLINES.test(plain) && !SAYS_SOMETHING.test(plain);
}

const begins = (plain: string, beginnings: readonly string[]) =>
  beginnings.some((each) => plain.startsWith(each));

function toPlain(text: string): string {
  return text.trimStart().replace(/[’‘`]/g, "'").replace(/^["'*_]+/, "")
    .toLowerCase();
}
