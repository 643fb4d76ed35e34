/** The `Content-Security-Policy` of the playground's page. */

const DIRECTIVES = {
  "default-src": "'none'",
  "script-src": "'self'",
  "style-src": "'self'",
  "font-src": "'self'",
  // A picture that was chosen has a blob: URL.
  "img-src": "'self' blob:",
  // `preparePicture` starts its worker from text.
  "worker-src": "blob:",
  "base-uri": "'none'",
  "form-action": "'none'",
};

/**
 * Makes the policy of a page that asks one project, or any where it is typed in.
 *
 * @param projectUrl undefined where it is typed in
 */
export function toSecurityPolicy(projectUrl?: string): string {
  const connectable = projectUrl
    ? [new URL(projectUrl).origin]
    : ["https:", "http://127.0.0.1:*", "http://localhost:*"];
  const directives = { ...DIRECTIVES, "connect-src": ["'self'", ...connectable].join(" ") };
  return Object.entries(directives).map(([name, value]) => `${name} ${value}`).join("; ");
}
