/** Texts that are no answer: noise, and a model that declines. */

import { lazily } from "../../../_shared/platform/lazily.ts";

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

/** Not written out: V8 takes half a millisecond to parse it, once as it loads the function and once as it compiles it. */
const wordsOfAnyScript = lazily(() => new RegExp("[\\p{L}\\p{N}\\p{M}]+", "gu"));

/** Says nothing: no letters, hardly any, or the same few again and again. */
export function isNoise(text: string): boolean {
  const said = text.replace(/\s+/g, "");
  if (!hasLetters(said)) return true;
  const isMostOf = (symbols: string) => symbols.length > said.length * MOST_SYMBOLS;
  const isMostlySymbols = isMostOf(said.replace(/[a-z\d]+/gi, "")) &&
    isMostOf(said.replace(wordsOfAnyScript(), ""));
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
  "i must ",
  "i respectfully",
  "i'm not comfortable",
  "i am not comfortable",
  "my guidelines",
  "my programming",
  "that's something i",
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
  ...["es tut mir leid", "tut mir leid", "leider", "entschuldigung", "ich kann", "ich sehe"],
  ...["lo siento", "lamento", "lamentablemente", "no puedo", "no veo", "je suis désolé"],
  ...["désolé", "malheureusement", "je ne", "mi dispiace", "purtroppo", "non posso", "non vedo"],
  ...["desculpe", "infelizmente", "não ", "het spijt", "helaas", "beklager", "desværre"],
  ...["tyvärr", "jag kan", "valitettavasti", "pahoittelen", "przepraszam", "niestety", "nie mog"],
  ...["omlouvám", "bohužel", "sajnos", "sajnálom", "îmi pare", "din păcate", "üzgünüm"],
  ...["maalesef", "xin lỗi", "rất tiếc", "maaf", "к сожалению", "извините", "простите", "я не "],
  ...["вибачте", "на жаль", "λυπάμαι", "συγγνώμη", "δυστυχώς", "מצטער", "סליחה", "عذر", "آسف"],
  ...[
    "للأسف",
    "क्षमा",
    "मुझे खेद",
    "माफ़",
    "ขออภัย",
    "抱歉",
    "很抱歉",
    "对不起",
    "對不起",
    "我无法",
    "我無法",
  ],
  ...["我看不", "我没有", "作为一个", "申し訳", "すみません", "画像が", "죄송", "이미지를"],
];

/** Others begin like many a description: what tells is that they say there is no picture. */
const MISSING_PICTURE = [
  ...["no image", "no picture", "no photo", "please", "could you", "can you", "error", "image "],
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
    "thank",
    "great ",
  ],
  ...["i'd be ", "i would be ", "i see you", "i see that you", "you haven't", "you didn't"],
  ...["your message", "your request", "this request", "this content", "this image was"],
  ...["it looks like", "it seems", "it appears"].flatMap((each) =>
    [" that", " the ", " you", " no ", " there"].map((next) => each + next)
  ),
  ...["image", "picture", "photo"].flatMap((noun) =>
    [
      " you ",
      " could",
      " can",
      " did",
      " fail",
      " was not",
      " wasn't",
      " is missing",
      " is not",
      " isn't",
    ]
      .map((next) => `the ${noun}${next}`)
  ),
];

const DECLINES =
  /\b(?:can't|cannot|can not|couldn't|could not|unable|not able|won't|decline|not comfortable|(?:don't|do not|didn't) (?:see|have|receive)|not (?:allowed|permitted)|no (?:image|picture|photo)|need an? (?:image|picture|photo)|please (?:provide|upload|share)|(?:assist|help) with)\b/;

/** A no in other languages, which tells only after one of the beginnings. */
const NEGATES = new RegExp(
  [
    "nicht|kein[e ]|no (?:puedo|veo|hay)|ning[uú]n|ne (?:peux|vois|puis)|non (?:posso|vedo|ho)|não|\\bniet\\b|\\bgeen\\b",
    "\\bikke\\b|\\binte\\b|\\ben voi|\\bnie (?:mog|widz)|nemohu|nevid|\\bnem\\b|\\bnu (?:pot|văd)|m[ıi]yorum|không|tidak",
    "не (?:мог|вижу|бачу)|\\sне\\s|δεν|לא|(?:^|\\s)(?:لا|لم)\\s|नहीं|ไม่|无法|無法|不能|不到|没有|沒有|できま|ません|없습니다|수 없",
  ].join("|"),
);

/** What is told to be missing or blocked. */
const PICTURE = "(?:image|picture|photo)";
const SAYS_MISSING = new RegExp(
  [
    `(?:\\b(?:no|any)|(?:n't|not) .{0,30}\\ban) ${PICTURE}s? (?:\\w+ )?(?:attached|provided|uploaded|included|shared|received|available|found|detected|visible|present|supplied)\\b`,
    `\\b${PICTURE}s? (?:that )?(?:you \\w+ )?(?:(?:didn't|did not) (?:come|load|upload|go)|(?:could|can)(?:n't| not|not) be (?:loaded|processed|opened|read|displayed|analyzed|decoded|viewed|accessed|retrieved)|failed to)\\b`,
    `\\b(?:provide|upload|share|attach) (?:the|an|your) ${PICTURE}\\b`,
    `\\bthere(?:'s| is| was) no ${PICTURE}\\b|^no ${PICTURE}s?\\W*$|\\bno ${PICTURE}s? came\\b`,
    `(?:don't|do not|can't|cannot) see (?:any|an|the) ${PICTURE}\\b|(?:can't|cannot) (?:see|view|open|access) ${PICTURE}s\\b`,
    `^(?:error: )?${PICTURE}s? (?:is |was )?(?:not (?:found|provided|available)|missing)\\b|(?:don't|do not) see one\\b`,
    `(?:didn't|did not|doesn't|does not) (?:include|contain|have|come with) an? ${PICTURE}\\b`,
    "\\b(?:blocked|flagged|rejected) by (?:our|the) |\\bviolates? (?:our|the) (?:\\w+ )*polic",
  ].join("|"),
);

/**
 * The words in which a model says that it can't, or that there is no picture, without apostrophes. Of what a
 * picture shows they tell nothing.
 */
const WORDS_OF_NO = lazily(() =>
  new Set(
    [
      "a an the this that these those there theres here it its something anything any one no none n not nor",
      "i im id ive ill you youve youre youd youll lets whats heres your yours my me myself we us our am is are was were be been being isnt",
      "arent wasnt werent do does did dont doesnt didnt have has had havent hasnt hadnt can cant cannot could",
      "couldnt will wont would wouldnt may must need of to in on for with without from at by as",
      "into or and but so if because since however though still yet just only also again currently actually",
      "directly sorry apologize apologise apologies apology unfortunately regret afraid please kindly thank",
      "thanks hello hi sure great glad happy question certainly course order possible impossible able unable",
      "ability capable capability capabilities lack comfortable allowed permitted against respectfully image",
      "images picture pictures photo photos photograph attachment attachments file link url message request",
      "content conversation upload see seeing seen view viewing viewed look looking looks appear appears seem",
      "seems receive received process processed processing analyze analyse analyzing analysis analyzed access",
      "accessed open opened load loaded display displayed read decode decoded retrieve retrieved identify",
      "describe describing described description provide provided uploaded uploading attach attached share",
      "shared sharing send sent include included come came through go went given find found detect detected available",
      "unavailable missing visible present supplied show shown mention mentioned notice assist assistance help",
      "helping like want let know try what thats error failed fails fail invalid corrupted blocked flagged",
      "rejected declined decline refuse violates violate policy policies guideline guidelines safety system",
      "usage programming ai language multimodal model assistant unknown unclear null undefined",
    ].flatMap((words) => words.split(" ")),
  )
);
/** Words, of any script; what ASCII doesn't have counts as letters, but for punctuation. */
const WORDS = /[a-z\d\u00c0-\u1fff\u2c00-\u2fff\u3040-\ufeff]+/g;
/** A no of any kind … */
const SAYS_NO =
  /n't\b|\b(?:no|not|cannot|unable|without|lack|unavailable|missing|error|fail(?:ed|s)?|invalid|corrupted|blocked|flagged|rejected|declined?|refuse|against|violates?|please|kindly|(?:can|could) you)\b/;
/** … about a picture, or about what is asked of the model. */
const SAYS_WHAT =
  /\b(?:images?|pictures?|photos?|photograph|attachments?|file|see|view|assist|help|describe|content|request|analy[sz]e)\b/;

/** Of a text that goes on the last word may not be whole yet. */
function hasOtherWord(plain: string, { goesOn }: { goesOn: boolean }): boolean {
  const known = WORDS_OF_NO();
  const words = plain.replaceAll("'", "").match(WORDS) ?? [];
  const last = goesOn && !/[\s.,;:!?]$/.test(plain) ? words.pop() : undefined;
  return words.some((word) => !known.has(word)) ||
    last !== undefined && ![...known].some((word) => word.startsWith(last));
}

/** All of the text is words of a no: to a prompt of ours it says nothing, to a caller's own it may. */
export function saysNothing(text: string): boolean {
  return text.length <= MAX_NO_LENGTH && !hasOtherWord(toPlain(text), { goesOn: false });
}

/** With one of these a text that begins so goes on to say something all the same. */
const SAYS_SOMETHING =
  /\b(?:looks? like|appears? to|seems? to|likely|probably|might be|could be|may be|resembles)\b/;

/** What is longer says more than no. */
const MAX_REFUSAL_LENGTH = 500;
/** That there is no picture is said at once, and a description isn't held back for longer. */
const MAX_MISSING_LENGTH = 160;
/** A text of a no alone is shorter than this. */
const MAX_NO_LENGTH = 200;

/** The text may still become one that declines, so it isn't shown yet. */
export function mayDecline(text: string): boolean {
  if (text.length > MAX_REFUSAL_LENGTH) return false;
  const beginning = toPlain(text);
  const mayBegin = (beginnings: readonly string[]) =>
    beginnings.some((each) => each.startsWith(beginning));
  if (mayBegin(DECLINING) || mayBegin(MISSING_PICTURE)) return true;
  if (begins(beginning, DECLINING)) return true;
  return beginning.length <= MAX_MISSING_LENGTH && begins(beginning, MISSING_PICTURE) ||
    beginning.length <= MAX_NO_LENGTH && !hasOtherWord(beginning, { goesOn: true });
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
  if (saysNothing(text) && SAYS_NO.test(plain) && SAYS_WHAT.test(plain)) return true;
  return isLikeNo && (DECLINES.test(plain) || NEGATES.test(plain)) && !SAYS_SOMETHING.test(plain);
}

const begins = (plain: string, beginnings: readonly string[]) =>
  beginnings.some((each) => plain.startsWith(each));

function toPlain(text: string): string {
  return text.trimStart().replace(/[’‘`]/g, "'").replace(/^["'*_([]+/, "").toLowerCase();
}
