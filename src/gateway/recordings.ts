import { Archive } from "../control/archive/archive.ts";
import type { Store } from "../flow/store/store.ts";
import { parseFilter } from "../match/parse.ts";
import { DISK_MOCKS } from "../rules/mock-files.ts";
import { MockFault, type MockSources, type RecordedAnswer } from "../rules/render.ts";
import type { ScriptStore } from "../rules/script/host.ts";

/** An answer is read whole, as a mock file is. */
const CONTENT_MAX = 64_000_000;

/** Where answers of rules come from: files of the disk, and flows of the session that is being recorded. */
export class GatewayMocks implements MockSources {
  readonly file = DISK_MOCKS.file;
  readonly below = DISK_MOCKS.below;
  private readonly store: Store;
  /** Reads in a thread of its own; made when a rule first asks. */
  private archive: Archive | null = null;

  constructor(store: Store) {
    this.store = store;
  }

  /** What scripts may read of the session: all that is over. */
  readonly forScripts: ScriptStore = {
    list: async (filter, limit) => {
      if (filter !== undefined) mustParse(filter);
      return (await this.settled()).run("list", { filter, limit });
    },
    get: async id => (await this.settled()).run("get", { id }),
    body: async (id, side) => {
      const wanted = { id, side, version: "sent", decoded: true, from: 0, length: CONTENT_MAX } as const;
      return (await (await this.settled()).run("body", wanted))?.bytes ?? new Uint8Array(0);
    },
  };

  async recorded(id: number): Promise<RecordedAnswer> {
    const archive = await this.settled();
    const flow = await archive.run("get", { id });
    if (flow === null) throw new MockFault(502, `there is no flow ${id} in ${this.store.file}`);
    const { response } = flow;
    if (response === null || flow.state !== "complete") throw new MockFault(502, `flow ${id} has no whole answer`);
    if (response.body.truncated) throw new MockFault(502, `the answer of flow ${id} was recorded in part`);
    const wanted = { id, side: "response", version: "sent", decoded: false, from: 0, length: CONTENT_MAX } as const;
    const body = await archive.run("body", wanted);
    return {
      status: flow.status ?? 200,
      reason: flow.reason ?? "",
      fields: response.headers,
      content: Buffer.from(body?.bytes ?? []),
    };
  }

  async close(): Promise<void> {
    await this.archive?.close();
  }

  /** The archive, once all that was told until now can be read from it. */
  private async settled(): Promise<Archive> {
    await this.store.flush();
    this.archive ??= new Archive(this.store.file);
    return this.archive;
  }
}

function mustParse(filter: string): void {
  const parsed = parseFilter(filter);
  if (!parsed.ok) throw new Error(`filter, column ${parsed.error.column}: ${parsed.error.message}`);
}
