// The chat's look, in its own shadow root: the page's style does not reach in, and ours does not leak out.

export const css = `
:host { all: initial; color-scheme: light dark; }
* { box-sizing: border-box; }
.all {
  --brand: #1f5fbf; --on: #fff;
  --paper: light-dark(#fff, #1d2127); --text: light-dark(#1b1f24, #e8ebef); --muted: light-dark(#59626e, #a3acb8);
  --line: light-dark(#8a94a1, #67717f); --soft: light-dark(#eef1f5, #2a3038);
  font: 15px/1.55 system-ui, "Hiragino Sans", "Noto Sans CJK JP", "Noto Sans JP", sans-serif; color: var(--text);
}
button, textarea, input { font: inherit; color: inherit; }
button { cursor: pointer; }
:focus-visible { outline: 3px solid light-dark(#0b57d0, #a8c7fa); outline-offset: 2px; }
.door {
  position: fixed; bottom: 20px; z-index: 2147483000; width: 58px; height: 58px; border: 0; border-radius: 50%;
  background: var(--brand); color: var(--on); box-shadow: 0 4px 18px #0005;
}
.right .door, .right .window { right: 20px; }
.left .door, .left .window { left: 20px; }
svg { width: 26px; height: 26px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round;
  stroke-linejoin: round; vertical-align: middle; }
.badge { position: absolute; top: -4px; right: -4px; min-width: 22px; padding: 0 6px; border-radius: 11px;
  background: #c5221f; color: #fff; font-size: 13px; line-height: 22px; }
.window {
  position: fixed; bottom: 92px; z-index: 2147483000; display: flex; flex-direction: column; width: 380px;
  height: min(620px, calc(100vh - 120px)); background: var(--paper); border: 1px solid var(--line);
  border-radius: 14px; box-shadow: 0 12px 40px #0004; overflow: hidden;
}
[hidden] { display: none !important; }
header { display: flex; align-items: center; gap: 10px; padding: 12px 14px; background: var(--brand);
  color: var(--on); }
header div { flex: 1; min-width: 0; }
h1, h2 { margin: 0; font-size: 16px; font-weight: 650; overflow-wrap: anywhere; }
.page h1 { font-size: 19px; }
header p { margin: 0; font-size: 13px; }
header button { flex: none; width: 36px; height: 36px; border: 0; border-radius: 8px; background: none;
  color: inherit; }
header :focus-visible { outline-color: currentColor; }
.log { flex: 1; overflow-y: auto; padding: 14px; display: flex; flex-direction: column; gap: 8px;
  overscroll-behavior: contain; }
.log > * { flex: none; }
.one { max-width: 84%; align-self: flex-start; }
.one.mine { align-self: flex-end; }
.text { padding: 8px 12px; border-radius: 14px; background: var(--soft); white-space: pre-wrap;
  overflow-wrap: anywhere; }
.mine .text { background: var(--brand); color: var(--on); }
.gone { font-style: italic; color: var(--muted); }
.by { display: block; margin: 2px 4px 0; font-size: 12px; color: var(--muted); }
.mine .by { text-align: right; }
.by button { border: 0; background: none; padding: 0 4px; text-decoration: underline; }
.one img { display: block; max-width: 100%; max-height: 260px; height: auto; border-radius: 12px;
  margin-bottom: 4px; }
.picture { display: block; padding: 0; border: 0; border-radius: 12px; background: none; cursor: zoom-in; }
.large { max-width: none; max-height: none; padding: 0; border: 0; background: none; }
.large::backdrop { background: #000d; }
.large img { display: block; max-width: 96vw; max-height: 94vh; width: auto; height: auto; border-radius: 6px; }
.large button { position: fixed; top: 14px; right: 14px; width: 44px; height: 44px; border: 0; border-radius: 50%;
  background: #000a; color: #fff; }
.dots { color: var(--muted); font-size: 13px; }
.note { margin: 0; padding: 8px 12px; border-radius: 10px; background: var(--soft); font-size: 13.5px;
  white-space: pre-wrap; }
.line { margin: 0; padding: 4px 14px; font-size: 13px; color: var(--muted); }
.line.bad { color: light-dark(#a50e0e, #ff8a80); }
form { border-top: 1px solid var(--line); padding: 10px; display: grid; gap: 8px; }
label { display: block; font-size: 13px; color: var(--muted); }
input[type="email"], textarea { display: block; width: 100%; padding: 8px 10px; border: 1px solid var(--line);
  border-radius: 9px;
  background: var(--paper); }
textarea { resize: none; min-height: 42px; max-height: 140px; field-sizing: content; }
.row { display: flex; gap: 8px; align-items: flex-end; }
.row > label { flex: 1; min-width: 0; }
.tool { position: relative; flex: none; width: 42px; height: 42px; border: 1px solid var(--line);
  border-radius: 9px; background: none; }
.send { border-color: var(--brand); background: var(--brand); color: var(--on); }
.picked { display: flex; gap: 8px; flex-wrap: wrap; }
.picked span { position: relative; }
.picked img { width: 64px; height: 64px; object-fit: cover; border-radius: 8px; border: 1px solid var(--line); }
.picked button { position: absolute; top: -6px; right: -6px; width: 26px; height: 26px;
  border: 1px solid var(--line); border-radius: 50%;
  background: var(--paper); padding: 0; }
.picked svg { width: 14px; height: 14px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.page .window { position: static; width: min(720px, 100%); height: 100dvh; margin: 0 auto; border-radius: 0;
  border-width: 0 1px;
  box-shadow: none; }
@media (max-width: 480px) {
  .window { inset: 0 !important; width: 100%; height: 100dvh; border: 0; border-radius: 0; }
  textarea, input[type="email"] { font-size: 16px; }
}
@media (prefers-reduced-motion: no-preference) {
  .window { animation: come .16s ease-out; }
  @keyframes come { from { opacity: 0; transform: translateY(8px); } }
}
@media (forced-colors: active) { .mine .text, .door, header { border: 1px solid; } }
`;
export const reach_css = `
:host { all: initial; color-scheme: light dark; }
* { box-sizing: border-box; }
.all { --paper: light-dark(#fff, #1d2127); --text: light-dark(#1b1f24, #e8ebef);
  --muted: light-dark(#59626e, #a3acb8);
  --line: light-dark(#c9d0d9, #3d4550);
  font: 15px/1.6 system-ui, "Hiragino Sans", "Noto Sans CJK JP", "Noto Sans JP", sans-serif; color: var(--text);
  background: var(--paper); border: 1px solid var(--line); border-radius: 14px; padding: 20px 22px;
  max-width: 640px; }
.page { margin: 24px auto; }
h1, h2 { margin: 0 0 8px; line-height: 1.3; }
h1 { font-size: 22px; }
h2 { font-size: 16px; margin-top: 22px; }
.all > :first-child { margin-top: 0; }
p { margin: 0 0 10px; white-space: pre-wrap; }
.now { display: inline-flex; gap: 8px; align-items: center; font-weight: 600; }
.now::before { content: ""; width: 10px; height: 10px; border-radius: 50%; background: light-dark(#137333, #81c995); }
.shut::before { background: none; border: 2px solid var(--muted); }
ul { list-style: none; margin: 0; padding: 0; }
li { display: flex; flex-wrap: wrap; gap: 2px 12px; padding: 10px 0; border-top: 1px solid var(--line); }
li b { min-width: 9em; }
li small { width: 100%; color: var(--muted); font-size: 13px; }
a { color: light-dark(#0b57d0, #a8c7fa); overflow-wrap: anywhere; }
:focus-visible { outline: 3px solid light-dark(#0b57d0, #a8c7fa); outline-offset: 2px; }
table { border-collapse: collapse; }
th, td { text-align: left; font-weight: 400; padding: 2px 18px 2px 0; vertical-align: top; }
small { color: var(--muted); }
@media (max-width: 480px) { .page { margin: 0; border: 0; border-radius: 0; min-height: 100dvh; } }
`;
