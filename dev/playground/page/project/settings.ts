import type { PageSettings } from "../../page-settings.ts";

/** What the page was told, read once at start. */
export const settings: PageSettings = JSON.parse(
  document.getElementById("settings")?.textContent || '{"samples":[]}',
);
