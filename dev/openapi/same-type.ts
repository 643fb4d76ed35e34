/** Whether a schema says what a type says: checked by the compiler, nothing of it runs. */

/** Members of intersections side by side, so that two spellings of a type are one. */
type Flat<T> = T extends readonly (infer Item)[] ? number extends T["length"] ? Flat<Item>[]
  : { [Key in keyof T]: Flat<T[Key]> }
  : T extends object ? { [Key in keyof T]: Flat<T[Key]> }
  : T;

type IsSame<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;

/**
 * `true` where both are the same type, their members' optionality included.
 *
 * @example
 * ```ts
 * const isSame: Same<z.infer<typeof colorSchema>, PaletteColor> = true;
 * ```
 */
export type Same<A, B> = IsSame<Flat<A>, Flat<B>>;
