// The composition root: builds every part, joins them, and closes them in order. The only file that knows them all.
import { randomBytes } from "node:crypto";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { LeafCache } from "./ca/leaf.ts";
import { openRoot, type Root } from "./ca/root.ts";
import { makeFolder } from "./config/folder.ts";
import type { Mode } from "./config/modes.ts";
import type { Config } from "./config.ts";
import { Control } from "./control/control.ts";
import { LogRing } from "./control/log.ts";
import { openRpcDoor, type RpcDoor } from "./control/rpc.ts";
import { Feed } from "./flow/feed.ts";
import { Recorder } from "./flow/recorder.ts";
import { openStore, type Store } from "./flow/store/store.ts";
import { liveEngine } from "./gateway/live-engine.ts";
import { type Log, recordedLog } from "./gateway/log.ts";
import { openPort } from "./gateway/ports.ts";
import { GatewayMocks } from "./gateway/recordings.ts";
import { openRules } from "./gateway/rules.ts";
import { compilePattern } from "./match/compile.ts";
import { isOwnAddress, PrivateAddresses } from "./net/address.ts";
import { Conn, type ConnWatcher } from "./net/conn.ts";
import { Deadlines } from "./net/deadlines.ts";
import { type Listener, listen } from "./net/listen.ts";
import { type LocalConn, localConn } from "./net/pipe.ts";
import { ClientTls } from "./net/tls-client.ts";
import { ServerTls } from "./net/tls-server.ts";
import { Connector } from "./proxy/connect.ts";
import { enter } from "./proxy/door.ts";
import { Entry } from "./proxy/entry.ts";
import { HoldBoard } from "./proxy/hold.ts";
import { Http1Session } from "./proxy/http1.ts";
import { Http2Session } from "./proxy/http2.ts";
import { replay } from "./proxy/replay.ts";
import type { Via } from "./proxy/route.ts";
import { SelfSite } from "./proxy/self.ts";
import type { Services } from "./proxy/services.ts";
import { openTunnel } from "./proxy/tunnel.ts";
import type { Ambient } from "./rules/decide.ts";
import type { RuleFiles } from "./rules/files.ts";
import { RuleHits } from "./rules/hits.ts";
import { ScriptThreads } from "./rules/script/threads.ts";
import { openWebDoor, type WebDoor } from "./web/server.ts";

/** What is told to whoever started a gateway, when every listener is up. */
export interface ReadyInfo {
  readonly pid: number;
  readonly proxy: readonly ListeningAt[];
  readonly control: string | null;
  readonly ui: string | null;
  readonly ca: string;
  readonly session: string;
}

export interface ListeningAt {
  readonly mode: string;
  readonly host?: string;
  readonly port?: number;
  readonly unix?: string;
}

export interface Gateway {
  readonly ready: ReadyInfo;
  readonly feed: Feed;
  /** Resolves when somebody asks for the end through the control API. */
  readonly stopAsked: Promise<void>;
  /** Lets flows in flight finish (config.limits.shutdownMs), writes everything, and is gone. */
  close(): Promise<void>;
}

export async function startGateway(config: Config, toPerson: Log): Promise<Gateway> {
  const clock = () => performance.timeOrigin + performance.now();
  makeFolder(config.home, 0o700);
  const door = await openRpcDoor(config.control, config.limits);
  try {
    return await startBehind(door, config, toPerson, clock);
  } catch (error) {
    await door.close();
    throw error;
  }
}

async function startBehind(door: RpcDoor, config: Config, toPerson: Log, clock: () => number): Promise<Gateway> {
  const ring = new LogRing(clock);
  const log = recordedLog(toPerson, ring);
  const root = openRoot(join(config.home, "ca"), {
    passphrase: config.caPassphrase,
    now: Date.now,
    user: userName(),
    host: hostname(),
  });
  for (const warning of root.warnings) log.warn(warning);
  const rules = openRules(config, log, process.env);

  const sessions = join(config.home, "sessions");
  makeFolder(sessions, 0o700);
  const sessionFile = config.session ?? newSessionFile(sessions, new Date());
  const store = await openStore({
    file: sessionFile,
    diskFreeBytes: config.limits.diskFreeBytes,
    retention: { folder: sessions, maxBytes: config.limits.sessionsBytes },
    onProblem: message => log.warn(message),
  });
  const feed = new Feed(error => log.warn(`a subscriber failed: ${String(error)}`));
  const recorder = new Recorder(store, feed, {
    bodyLimit: config.bodyLimit,
    spillBytes: config.limits.spillBytes,
    clock,
    firstFlowId: store.nextFlowId,
    onBehind: () => log.warn("the disk does not keep up: bodies are recorded in part"),
  });
  const deadlines = new Deadlines(() => performance.now(), config.limits.lingerMs);
  const listeners: Listener[] = [];
  try {
    const mocks = new GatewayMocks(store);
    const engine = buildEngine(config, root, rules, mocks, recorder, store.nextConnId, deadlines, clock, log);
    const proxy: ListeningAt[] = [];
    for (const mode of config.modes) {
      const listener = await openPort(mode.listen, { who: "the proxy", option: "--port" }, log, endpoint =>
        listen(endpoint, config.limits.connections, engine.accept(mode)),
      );
      listeners.push(listener);
      proxy.push({ mode: mode.text, ...listener.endpoint });
      if ("port" in listener.endpoint) engine.services.self.listensOn(listener.endpoint.host, listener.endpoint.port);
    }
    // The first request upstream need not wait for the roots to be read, nor the ready line for them.
    setImmediate(() => engine.services.clientTls.warm());
    let shutdown = (): void => {};
    const stopAsked = new Promise<void>(resolve => {
      shutdown = resolve;
    });
    const listening = { proxy, ui: null as string | null, control: door.path };
    const controlEngine = liveEngine({
      config,
      root,
      recorder,
      store,
      feed,
      ring,
      clock,
      listening,
      shutdown,
      holds: engine.services.holds,
      replay: request => replay(engine.services, engine.local(), request),
    });
    const control = new Control(controlEngine, error => log.warn(`the control API failed: ${stackOf(error)}`));
    const web = await openWeb(config, control, log);
    if (web !== null) {
      listening.ui = web.url;
      // Its port is ours like those of the proxy: nobody gets there through us.
      engine.services.self.listensOn(web.host, web.port);
    }
    door.serve(control);
    return {
      ready: {
        pid: process.pid,
        ...listening,
        ca: root.files.certificate,
        session: sessionFile,
      },
      feed,
      stopAsked,
      close: async () => {
        rules.close();
        await closeAll(config, listeners, recorder, engine, deadlines, store);
        await Promise.all([door.close(), web?.close()]);
        await Promise.all([control.close(), mocks.close(), engine.services.scripts.close()]);
      },
    };
  } catch (error) {
    await Promise.all(listeners.map(listener => listener.close()));
    await store.close();
    throw error;
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

async function openWeb({ ui, limits }: Config, control: Control, log: Log): Promise<WebDoor | null> {
  if (ui === undefined) return null;
  const token = randomBytes(24).toString("base64url");
  return openPort(ui, { who: "the page", option: "--ui-port" }, log, endpoint => {
    if (!("port" in endpoint)) throw new Error("the page has a port");
    return openWebDoor({ ...endpoint, token, limits }, control);
  });
}

interface Engine {
  readonly services: Services;
  accept(mode: Mode): (socket: ConstructorParameters<typeof Conn>[2]) => void;
  /** A connection of our own to ourselves. */
  local(): LocalConn;
}

function buildEngine(
  config: Config,
  root: Root,
  rules: RuleFiles,
  mocks: GatewayMocks,
  recorder: Recorder,
  firstConnId: number,
  deadlines: Deadlines,
  clock: () => number,
  log: Log,
): Engine {
  const { limits } = config;
  let connId = firstConnId;
  const nextId = () => connId++;
  const watcher: ConnWatcher = {
    onClosed: conn => recorder.connClosed(conn.id),
    onBug: (conn, error) => log.warn(`a fault of waylay's ended a connection (${conn.address}): ${stackOf(error)}`),
  };
  // Our own root counts upstream too: `waylay origin`, the demo and servers with certificates of `waylay ca issue`.
  const clientTls = new ClientTls([root.certPem, ...config.upstream.ca.map(file => file.pem)], process.env);
  const self = new SelfSite(
    { rootPem: root.certPem, rootDer: root.certDer, fingerprint: root.fingerprint256, subject: root.subject },
    isOwnAddress,
  );
  const connector = new Connector({
    dialler: { deadlines, connectMs: limits.connectMs, nextId, now: clock, watcher },
    clientTls,
    recorder,
    httpLimits: limits,
    tlsHandshakeMs: limits.tlsHandshakeMs,
    poolIdleMs: limits.poolIdleMs,
    poolPerRoute: limits.poolPerOrigin,
    poolTotal: limits.poolTotal,
    isSelf: (address, port) => self.isSelf(address, port),
  });
  const leaves = new LeafCache(root, { now: Date.now, max: limits.leafCount });
  const insecureHosts = config.upstream.insecureHosts.map(glob =>
    compilePattern({ kind: "glob", parts: glob.split("*") }, false),
  );
  const hits = new RuleHits();
  const ambient: Ambient = {
    get nowMs() {
      return clock();
    },
    random: Math.random,
    hits,
  };
  const services: Services = {
    config,
    httpLimits: limits,
    recorder,
    serverTls: new ServerTls(leaves, limits.leafCount, randomBytes(48)),
    clientTls,
    connector,
    self,
    stages: {
      http1: (entry, conn) => new Http1Session(entry, conn),
      http2: (entry, conn) => new Http2Session(entry, conn),
      connect: openTunnel,
    },
    program: () => rules.program,
    ambient,
    mocks,
    scripts: new ScriptThreads({ store: mocks.forScripts, say: line => log.warn(line) }),
    holds: new HoldBoard({ max: limits.pausedCount, timeoutMs: limits.pauseMs, now: clock }),
    now: clock,
    say: message => log.warn(message),
    isInsecure: host => config.upstream.insecure || insecureHosts.some(matches => matches(host)),
  };
  const privateAddresses = new PrivateAddresses();
  return {
    services,
    local: () => localConn(nextId(), deadlines, clock(), watcher),
    accept: mode => {
      const via = viaOf(mode, config.upstream.auth, services);
      return socket => {
        const conn = new Conn(nextId(), "client", socket, deadlines, clock(), watcher);
        if (!config.allowPublic && !privateAddresses.has(conn.address)) {
          log.warn(`refused a client from the public address ${conn.address} (--allow-public takes them)`);
          return conn.destroy();
        }
        const entry = new Entry(services, mode, via, null, false);
        const host = mode.kind === "reverse" ? mode.target.host || "localhost" : null;
        enter({ entry, host, intercepts: () => true, opaque: null, onUnused: null }, conn, Buffer.alloc(0));
      };
    },
  };
}

/** What stands between a mode and its origins. */
function viaOf(mode: Mode, auth: string | undefined, services: Services): Via | null {
  if (mode.kind !== "upstream") return null;
  const { scheme, host, port, unix } = mode.target;
  const colon = `${auth}:`.indexOf(":");
  const login = auth === undefined ? null : { user: auth.slice(0, colon), password: auth.slice(colon + 1) };
  return { scheme, host, port, unix: unix ?? null, login, insecure: services.isInsecure(host) };
}

async function closeAll(
  config: Config,
  listeners: readonly Listener[],
  recorder: Recorder,
  engine: Engine,
  deadlines: Deadlines,
  store: Store,
): Promise<void> {
  const closed = listeners.map(listener => listener.close());
  engine.services.holds.close();
  const until = performance.now() + config.limits.shutdownMs;
  while (recorder.running > 0 && performance.now() < until) await new Promise(resolve => setTimeout(resolve, 25));
  engine.services.connector.close();
  // A connection that is cut tells its flow only when it is gone, which is later than when its listener is.
  while (deadlines.size > 0) {
    for (const conn of [...deadlines.open()]) conn.destroy();
    await new Promise(resolve => setImmediate(resolve));
  }
  await Promise.all(closed);
  await store.close();
}

/** One file a start, named by the second. */
function newSessionFile(folder: string, at: Date): string {
  const name = at.toISOString().slice(0, 19).replaceAll(":", "").replace("T", "-");
  return join(folder, `${name}.waylay`);
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "user"; // a container's user may have no entry
  }
}
