/** What the page is told by who serves it: nothing, a project, or the local stack's project. */
export interface PageSettings {
  /** Of the project; typed in where it is not given. */
  url?: string;
  publishableKey?: string;
  /** Names of pictures to try, below `samples/`: `.jpg`, and a small `.webp` of each. */
  samples: string[];
}
