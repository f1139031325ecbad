// The running waylay itself.
import { z } from "zod";
import { method } from "../method.ts";
import { publicOptions } from "../options.ts";

export const status = method({
  doc: "What runs: version, addresses, session, how many flows.",
  params: z.strictObject({}),
  result:
    "{version, pid, node, startedAt, home, session, proxy: [{mode, host, port} | {mode, unix}], ui, control, ca, flows: {recorded, running}, subscribers, memory: {rss, heap}}",
  run: async (_params, { engine, archive, hub }) => {
    await engine.settle();
    const memory = process.memoryUsage();
    return {
      version: engine.version,
      pid: process.pid,
      node: process.version,
      startedAt: engine.startedAt,
      home: engine.config.home,
      session: engine.sessionFile,
      ...engine.listening(),
      ca: engine.root.files.certificate,
      flows: { recorded: await archive.run("count", null), running: engine.running().length },
      subscribers: hub.subscribers,
      memory: { rss: memory.rss, heap: memory.heapUsed },
    };
  },
});

export const optionsGet = method({
  doc: "The options in force, by their long names, with every limit. Secrets are left out.",
  params: z.strictObject({}),
  result: "{options: {mode, http2, home, …, limits: {…}}}",
  run: (_params, { engine }) => ({ options: publicOptions(engine.config) }),
});

export const caShow = method({
  doc: "The root certificate that clients trust. Never its key.",
  params: z.strictObject({}),
  result: "{subject, fingerprint256, notBefore, notAfter, pem, file}",
  run: (_params, { engine: { root } }) => ({
    subject: root.subject,
    fingerprint256: root.fingerprint256,
    notBefore: root.notBefore.getTime(),
    notAfter: root.notAfter.getTime(),
    pem: root.certPem,
    file: root.files.certificate,
  }),
});

export const logRecent = method({
  doc: "The last things that waylay said, oldest first.",
  params: z.strictObject({}),
  result: "{lines: [{level, message, at}]}",
  run: (_params, { engine }) => ({ lines: engine.log.recent() }),
});

export const shutdown = method({
  doc: "Ends waylay as SIGTERM does: flows in flight may finish, everything is written.",
  params: z.strictObject({}),
  result: "{}",
  run: (_params, { engine }) => {
    // The answer goes out first.
    setImmediate(() => engine.shutdown());
    return {};
  },
});
