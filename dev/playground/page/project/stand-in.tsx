import { settings } from "./settings.ts";

/** Put in by the build: only a local stack has a stand-in. */
declare const IS_LOCAL_STACK: boolean;

/** Whether the stand-in answers, in place of the provider's models. */
export const isStandIn: boolean = IS_LOCAL_STACK && settings.isStandIn === true;

/** Says that the stand-in answers, what it goes by, and how a model is asked. */
export function StandInNotice() {
  if (!IS_LOCAL_STACK || !isStandIn) return null;
  return (
    <p class="notice stand-in">
      <strong>No model is asked here.</strong>{" "}
      A stand-in on this machine measures the picture's colours, lightness and grain, and guesses
      the material from them. Nothing is sent to Together and nothing is paid. Set{" "}
      <code>TOGETHER_API_KEY</code> in <code>.env</code> and start again, and a model answers.
    </p>
  );
}
