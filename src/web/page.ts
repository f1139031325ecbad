/** What stands at / until the page is built: what this is, and how to use it. */
export function page(): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>waylay</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 44rem; margin: 3rem auto; padding: 0 1rem; }
  code { font: 0.9em ui-monospace, monospace; }
  dt { margin-top: 1rem; }
</style>
<h1>waylay</h1>
<p>It runs, and you are let in. The page itself is not in this version yet; the API behind it is:</p>
<dl>
  <dt><code>POST /api/rpc</code></dt>
  <dd>JSON-RPC 2.0, the methods of <code>waylay ctl</code>.</dd>
  <dt><code>GET /api/events?filter=…</code></dt>
  <dd><a href="/api/events">Live events</a>, as server-sent events.</dd>
</dl>
<p>On the command line: <code>waylay flows ls</code>, <code>waylay flows show 1</code>, <code>waylay ctl</code>.</p>
</html>
`;
}
