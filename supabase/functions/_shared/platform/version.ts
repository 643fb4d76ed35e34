/** Version of this project, as in CHANGELOG.md. */
export const VERSION = "0.2.0";
