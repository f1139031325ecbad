// Style and script of the pages. Strings, so that the built package carries them without a copying step.

export const STYLE_CSS = `:root {
  color-scheme: light dark;
  --page: light-dark(#f6f8f8, #0e1414);
  --card: light-dark(#fff, #172020);
  --line: light-dark(#dbe4e3, #263333);
  --text: light-dark(#14201f, #e2ecea);
  --soft: light-dark(#55676a, #93a7a5);
  --accent: light-dark(#0f766e, #5eead4);
  --code: light-dark(#eef3f2, #0b1010);
}
* { box-sizing: border-box; }
body { margin: 0; padding: 2.5rem clamp(1rem, 4vw, 3rem); background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; }
header, main, footer { max-width: 76rem; margin: 0 auto; }
header { display: flex; gap: 1.1rem; align-items: center; }
h1 { margin: 0; font-size: 1.9rem; letter-spacing: -0.02em; line-height: 1.2; }
header p { margin: 0.2rem 0 0; color: var(--soft); }
h2 { margin: 2.4rem 0 0.8rem; font-size: 1.15rem; }
h2 small { margin-left: 0.5rem; color: var(--soft); font-weight: 400; font-size: 0.95rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(22rem, 100%), 1fr)); gap: 0.9rem; }
article { display: flex; flex-direction: column; padding: 0.9rem 1rem 1rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 12px; }
h3 { display: flex; justify-content: space-between; align-items: center; margin: 0; font: 600 1rem ui-monospace, monospace; }
article p { flex: 1; margin: 0.35rem 0 0.7rem; color: var(--soft); font-size: 0.93rem; }
a { color: var(--accent); text-underline-offset: 3px; text-decoration-thickness: 1px; }
button { font: 500 0.8rem system-ui, sans-serif; color: var(--accent); background: none; border: 1px solid var(--line);
  border-radius: 7px; padding: 0.15rem 0.6rem; cursor: pointer; }
button:hover { border-color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.command { display: flex; gap: 0.5rem; align-items: center; padding: 0.35rem 0.4rem 0.35rem 0.7rem; background: var(--code);
  border-radius: 8px; }
.command code { flex: 1; overflow-x: auto; white-space: pre; scrollbar-width: none; font: 0.82rem ui-monospace, monospace; }
pre { overflow: auto; max-height: 40vh; margin: 0.6rem 0 0; padding: 0.8rem; background: var(--code); border-radius: 8px;
  font: 0.85rem/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
dialog { width: min(50rem, 94vw); padding: 1.2rem; background: var(--card); color: inherit; border: 1px solid var(--line);
  border-radius: 14px; }
dialog::backdrop { background: rgb(0 0 0 / 45%); }
dialog form { display: flex; justify-content: space-between; align-items: center; }
dialog h2 { margin: 0; font: 600 1rem ui-monospace, monospace; }
.upload { display: grid; gap: 1rem; justify-items: start; margin-top: 2rem; }
.upload label { display: grid; gap: 0.3rem; }
.upload input { font: inherit; }
footer { margin-top: 2.5rem; color: var(--soft); font-size: 0.93rem; }
`;

export const SCRIPT_JS = `const byId = id => document.getElementById(id);

async function tryLesson(path) {
  const dialog = byId("answer");
  byId("answer-title").textContent = "GET " + path;
  byId("answer-head").textContent = "waiting…";
  byId("answer-body").textContent = "";
  if (!dialog.open) dialog.showModal();
  try {
    const answer = await fetch(path, { headers: { "X-From": "the index page" } });
    const head = [answer.status + " " + answer.statusText];
    for (const [name, value] of answer.headers) head.push(name + ": " + value);
    byId("answer-head").textContent = head.join("\\n");
    const type = answer.headers.get("content-type") ?? "";
    const size = Number(answer.headers.get("content-length") ?? 0);
    if (/^image|octet-stream/.test(type) || size > 100000) {
      await answer.body?.cancel();
      byId("answer-body").textContent = "(" + (size ? size + " bytes of " : "") + type + ")";
    } else byId("answer-body").textContent = await answer.text();
  } catch (error) {
    byId("answer-body").textContent = String(error);
  }
}

document.addEventListener("click", async event => {
  const button = event.target.closest("button");
  if (button?.dataset.try) await tryLesson(button.dataset.try);
  if (button && "copy" in button.dataset) {
    await navigator.clipboard?.writeText(button.previousElementSibling.textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1200);
  }
});

const fetched = byId("fetched");
if (fetched) fetched.textContent = (await (await fetch("/json")).json()).title;
`;
