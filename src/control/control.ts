// One request in, one answer out, by whichever door it came: finds the method, checks its parameters, runs it.
import { nearest } from "../config/nearest.ts";
import {
  errorAnswer,
  INTERNAL_ERROR,
  INVALID_REQUEST,
  PARSE_ERROR,
  type RpcAnswer,
  type RpcError,
  readRequest,
  resultAnswer,
} from "../wire/json-rpc.ts";
import { Archive, ArchiveError } from "./archive/archive.ts";
import type { Engine } from "./engine.ts";
import { badParams, ControlError, failed, unknownMethod } from "./error.ts";
import { EventHub, type Subscriber } from "./events/hub.ts";
import type { Caller, Method } from "./method.ts";

/** Requests in one batch (JSON-RPC §6). */
const BATCH_MAX = 100;

export class Control {
  readonly hub: EventHub;
  private readonly engine: Engine;
  private readonly archive: Archive;
  private readonly onBug: (error: unknown) => void;

  /** `onBug` hears of what no method should have thrown. */
  constructor(engine: Engine, onBug: (error: unknown) => void) {
    this.engine = engine;
    this.archive = new Archive(engine.sessionFile);
    this.hub = new EventHub(engine, this.archive);
    this.onBug = onBug;
  }

  /** Runs a method. Throws ControlError. */
  async call(name: string, params: unknown, caller: Caller): Promise<unknown> {
    // Not before somebody asks: zod would take a tenth of a second from every start.
    const { METHODS } = await import("./methods.ts");
    const table: Readonly<Record<string, Method>> = METHODS;
    const method = Object.hasOwn(table, name) ? table[name] : undefined;
    if (method === undefined) throw unknownMethod(name, nearest(name, Object.keys(table)));
    const checked = method.params.safeParse(params ?? {});
    if (!checked.success) throw badParams(name, checked.error);
    try {
      return await method.run(checked.data, { engine: this.engine, archive: this.archive, hub: this.hub, caller });
    } catch (error) {
      throw error instanceof ArchiveError ? failed(error.message) : error;
    }
  }

  /** Answers a JSON text: a request, or an array of them. Null if there is nothing to say (notifications). */
  async answer(text: string, caller: Caller): Promise<string | null> {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      return written(errorAnswer(null, { code: PARSE_ERROR, message: `no JSON: ${(error as Error).message}` }));
    }
    if (!Array.isArray(value)) {
      const answer = await this.answerOne(value, caller);
      return answer === null ? null : written(answer);
    }
    if (value.length === 0 || value.length > BATCH_MAX) {
      const message = `a batch has 1 to ${BATCH_MAX} requests`;
      return written(errorAnswer(null, { code: INVALID_REQUEST, message }));
    }
    const answers = await Promise.all(value.map(item => this.answerOne(item, caller)));
    const said = answers.filter(answer => answer !== null);
    return said.length === 0 ? null : written(said);
  }

  /** A caller is gone, and with it what was only its own. */
  forget(subscriber: Subscriber): void {
    this.hub.forget(subscriber);
    this.engine.holds.clear(subscriber);
  }

  /** A fault of our own. */
  report(error: unknown): void {
    this.onBug(error);
  }

  async close(): Promise<void> {
    this.hub.close();
    await this.archive.close();
  }

  private async answerOne(value: unknown, caller: Caller): Promise<RpcAnswer | null> {
    const request = readRequest(value);
    if ("error" in request) return errorAnswer(request.id, request.error);
    const { id, method, params } = request;
    try {
      const result = await this.call(method, params, caller);
      return id === undefined ? null : resultAnswer(id, result);
    } catch (error) {
      const said = this.errorOf(error);
      return id === undefined ? null : errorAnswer(id, said);
    }
  }

  private errorOf(error: unknown): RpcError {
    if (error instanceof ControlError) return error.toRpc();
    this.report(error);
    return {
      code: INTERNAL_ERROR,
      message: `waylay failed: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

function written(answer: RpcAnswer | readonly RpcAnswer[]): string {
  return JSON.stringify(answer);
}
