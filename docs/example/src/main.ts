import { createClient } from "@supabase/supabase-js";
import {
  type AnalysisResponseBody,
  describeError,
  type LimitsResponseBody,
  type PreparedPicture,
  streamAnalysis,
} from "semantic-analysis-client";

const { VITE_SUPABASE_URL, VITE_SUPABASE_KEY } = import.meta.env;
const supabase = createClient(VITE_SUPABASE_URL, VITE_SUPABASE_KEY);

const find = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const [stop, status, error, analysis, swatches, material, limits] = [
  "stop",
  "status",
  "error",
  "analysis",
  "swatches",
  "material",
  "limits",
].map((id) => find(id));
const progress = find<HTMLProgressElement>("progress");
const preview = find<HTMLImageElement>("preview");

let controller = new AbortController();
stop.addEventListener("click", () => controller.abort());
for (const input of document.querySelectorAll("input")) {
  input.addEventListener("change", () => {
    if (input.files?.[0]) analyse(input.files[0]);
    input.value = "";
  });
}

async function analyse(file: File) {
  controller.abort();
  const { signal } = controller = new AbortController();
  for (const element of [error, analysis, swatches, material]) element.replaceChildren();
  preview.hidden = true;
  stop.hidden = progress.hidden = false;
  status.textContent = "Preparing the picture …";
  try {
    await signIn();
    const events = streamAnalysis(supabase, file, { signal, timeoutMs: 60_000, onPrepared: show });
    for await (const event of events) {
      if (event.type === "delta") analysis.append(event.text);
      else showResult(event.result);
    }
  } catch (thrown) {
    if (signal !== controller.signal) return; // another picture was chosen meanwhile
    status.textContent = "";
    error.textContent = describeError(thrown);
  }
  stop.hidden = progress.hidden = true;
  await showLimits();
}

/** Limits are a user's, and an anonymous user is one. */
async function signIn() {
  const { data } = await supabase.auth.getSession();
  if (data.session) return;
  const { error } = await supabase.auth.signInAnonymously();
  if (error) throw error;
}

function show({ picture, from, to, colors }: PreparedPicture) {
  URL.revokeObjectURL(preview.src);
  preview.src = URL.createObjectURL(picture);
  preview.hidden = false;
  const kilobytes = ({ bytes }: { bytes: number }) => `${Math.ceil(bytes / 1000)} kB`;
  status.textContent = `Sending ${kilobytes(to)} of ${kilobytes(from)} …`;
  swatches.replaceChildren(...colors.map(({ hex, share, name }) => {
    const swatch = document.createElement("div");
    swatch.role = "listitem";
    swatch.title = swatch.ariaLabel = `${name}, ${Math.round(share * 100)} %`;
    Object.assign(swatch.style, { background: hex, flexGrow: String(share) });
    return swatch;
  }));
}

function showResult(result: AnalysisResponseBody) {
  const { confidence, confidence_detail, material: found, warnings } = result;
  // A share of right answers only where it is calibrated; without that, a person is told no figure.
  const isKnown = confidence !== null && confidence_detail.calibrated;
  const sure = isKnown ? `, ${Math.round(confidence * 100)} % sure` : "";
  status.textContent = [`Done${sure}.`, ...warnings.map(({ message }) => message)].join(" ");
  const { family, type, finish, texture, pattern } = found ?? {};
  for (const [name, value] of Object.entries({ family, type, finish, texture, pattern })) {
    if (!value || value === "unknown") continue;
    const [term, description] = [document.createElement("dt"), document.createElement("dd")];
    [term.textContent, description.textContent] = [name, value.replaceAll("_", " ")];
    material.append(term, description);
  }
}

async function showLimits() {
  const { data } = await supabase.functions.invoke<LimitsResponseBody>(
    "semantic-analysis/limits",
    { method: "GET" },
  );
  if (!data) return;
  const { minute, day } = data;
  limits.textContent = `Left: ${minute.remaining} of ${minute.burst} pictures this minute, ` +
    `${day.remaining} of ${day.limit} today.`;
}
