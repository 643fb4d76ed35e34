/** The page's style: colours of both schemes are variables, which the plots use as well. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fdfdfb; --ink: #1d1f21; --soft: #63686e; --line: #d9dbd7; --panel: #f3f4f0;
  --accent: #1f6feb; --wrong: #c2410c; --right: #15803d;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15171a; --ink: #e6e7e5; --soft: #a0a6ac; --line: #33373c; --panel: #1e2125;
    --accent: #6ea8ff; --wrong: #ff9b62; --right: #5fd38a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 76rem;
  background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif;
}
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.3rem; margin: 3rem 0 .5rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
p { margin: .5rem 0; max-width: 46rem; }
.soft, figcaption { color: var(--soft); font-size: .9rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem; }
th, td { padding: .3rem .75rem .3rem 0; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
tr > :first-child { text-align: left; }
.figures { display: grid; gap: 1.5rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr)); }
figure { margin: 0; padding: 1rem; background: var(--panel); border-radius: .5rem; min-width: 0; }
figure.wide { grid-column: 1 / -1; }
figcaption { margin-bottom: .5rem; }
figcaption strong { display: block; color: var(--ink); font-size: 1rem; }
svg { background: none; overflow: visible; }
.matrix svg { max-width: none; }
table.overview { font-size: .85rem; }
table.overview th:first-child { white-space: normal; overflow-wrap: anywhere; min-width: 9rem; }
details > summary { cursor: pointer; padding: .35rem 0; }
details > summary:hover { color: var(--accent); }
.answers { display: grid; gap: 1rem; margin: .5rem 0 1.5rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 9.5rem), 1fr)); }
.answer { background: var(--panel); border-radius: .5rem; overflow: hidden; font-size: .88rem; }
.answer img { display: block; width: 100%; aspect-ratio: 4 / 3; object-fit: cover; background: var(--line); }
.answer div { padding: .5rem .75rem .75rem; overflow-wrap: anywhere; }
.answer dl { display: grid; grid-template-columns: auto 1fr; gap: 0 .6rem; margin: .25rem 0 0; }
.answer dt { color: var(--soft); } .answer dd { margin: 0; }
.is-right { color: var(--right); } .is-wrong { color: var(--wrong); }
`;
