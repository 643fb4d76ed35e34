/** The colours of a picture as callers send them: measured by the caller, and the caller's word. */

import * as z from "zod/mini";
import type { PaletteColor } from "../client/contract.ts";
import { lazily } from "./lazily.ts";

/** Colours of a palette, at most. */
const MAX_PALETTE_COLORS = 8;

const MAX_NAME_LENGTH = 40;

/** By how much the sum of shares may exceed 1: each is rounded by itself. */
const SUM_TOLERANCE = 0.01;

const paletteError = { error: `must be a list of at most ${MAX_PALETTE_COLORS} colours` };
const sumError = { error: "must have shares that add up to 1 at most" };
const colorError = { error: "must be an object of hex, share and name" };
const hexError = { error: 'must be a colour such as "#b68350"' };
const shareError = { error: "must be a number above 0, at most 1" };
const nameError = { error: `must be a string of 1 to ${MAX_NAME_LENGTH} characters` };

/** `#rrggbb`, in either case; lower case as it comes out. */
const hexSchema = lazily(() =>
  z.string(hexError).check(z.regex(/^#[0-9a-f]{6}$/i, hexError), z.toLowerCase())
);

/** A palette; fields that it has not are left out. */
export const paletteSchema = lazily(() =>
  z.array(
    z.object({
      hex: hexSchema(),
      share: z.number(shareError).check(z.gt(0, shareError), z.lte(1, shareError)),
      name: z.string(nameError).check(
        z.minLength(1, nameError),
        z.maxLength(MAX_NAME_LENGTH, nameError),
        z.refine((name) => name.isWellFormed() && !/\p{Cc}/u.test(name), {
          error: "must be text without control characters",
        }),
      ),
    }, colorError),
    paletteError,
  ).check(
    z.maxLength(MAX_PALETTE_COLORS, paletteError),
    z.refine(
      (colors: PaletteColor[]) =>
        colors.reduce((sum, { share }) => sum + share, 0) <= 1 + SUM_TOLERANCE,
      sumError,
    ),
  )
);
