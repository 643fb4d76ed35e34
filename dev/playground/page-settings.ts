/** What the page is told by who serves it: nothing, a project, or the local stack's project. */
export interface PageSettings {
  /** Of the project; typed in where it is not given. */
  url?: string;
  publishableKey?: string;
  /** Whether the stand-in answers, in place of the provider's models. */
  isStandIn?: boolean;
  /** Names of pictures to try, below `samples/`: `.jpg`, and a small `.webp` of each. */
  samples: string[];
}
