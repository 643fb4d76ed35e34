/** A request that reached the stand-in, without key and image data. */
export interface RecordedRequest {
  method: string;
  /** With the query. */
  path: string;
  /** The model asked for; null where the body names none. */
  model: string | null;
  /** Without credentials. */
  headers: Record<string, string>;
  hasImage: boolean;
  /** Of the body, as sent. */
  byteLength: number;
  /** The decoded body with every image replaced by a note of its length; null if it was not JSON. */
  parameters: unknown;
  /** ISO 8601. */
  receivedAt: string;
}

const CREDENTIAL_HEADERS = new Set(["authorization", "apikey", "x-api-key", "cookie"]);
const MAX_RECORDED = 1000;
/** No parameter but an image is longer than this. */
const MAX_TEXT_LENGTH = 16_384;

/** The latest thousand requests, oldest first. */
export class RequestLog {
  #requests: RecordedRequest[] = [];

  /** Records a request; `body` is the decoded JSON, or undefined if there was none. */
  add(request: Request, byteLength: number, body: unknown, receivedAt: Date): void {
    const { pathname, search } = new URL(request.url);
    const redaction = { hasImage: false };
    const parameters = redact(body ?? null, redaction);
    this.#requests.push({
      method: request.method,
      path: pathname + search,
      model: modelOf(body),
      headers: Object.fromEntries(
        [...request.headers].filter(([name]) => !CREDENTIAL_HEADERS.has(name)),
      ),
      hasImage: redaction.hasImage,
      byteLength,
      parameters,
      receivedAt: receivedAt.toISOString(),
    });
    if (this.#requests.length > MAX_RECORDED) this.#requests.shift();
  }

  /** What was recorded so far. */
  list(): RecordedRequest[] {
    return [...this.#requests];
  }

  /** Forgets everything. */
  clear(): void {
    this.#requests = [];
  }
}

/** The `model` of a decoded body, whatever else is wrong with the body. */
export function modelOf(body: unknown): string | null {
  const model = typeof body === "object" && body !== null && "model" in body ? body.model : null;
  return typeof model === "string" ? model : null;
}

function redact(value: unknown, redaction: { hasImage: boolean }, key = ""): unknown {
  if (typeof value === "string") {
    const isWebAddress = /^https?:\/\//i.test(value);
    if (key === "url") redaction.hasImage = true;
    const isImageData = value.startsWith("data:") || (key === "url" && !isWebAddress);
    if (isImageData || value.length > MAX_TEXT_LENGTH) return `[${value.length} characters]`;
    return value;
  }
  if (Array.isArray(value)) return value.map((item) => redact(item, redaction));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, redact(item, redaction, name)]),
  );
}
