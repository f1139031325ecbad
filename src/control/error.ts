// What a method may fail with, as the API says it. Everything else is a bug of ours and becomes -32603.
import type { z } from "zod";
import { INVALID_PARAMS, METHOD_NOT_FOUND, type RpcError } from "../wire/json-rpc.ts";

/** Codes beyond those of JSON-RPC (§5.1 leaves -32000 to -32099 to servers); docs/api.md is made from it. */
export const CODES = {
  failed: { code: -32000, says: "what was asked for was tried and failed" },
  "not-found": { code: -32001, says: "there is no such flow (`data.id`)" },
  unavailable: { code: -32002, says: "not possible here or now; the message says why" },
} as const;

export class ControlError extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.name = "ControlError";
    this.code = code;
    this.data = data;
  }

  toRpc(): RpcError {
    const { code, message, data } = this;
    return data === undefined ? { code, message } : { code, message, data };
  }
}

export function noFlow(id: number): ControlError {
  return new ControlError(CODES["not-found"].code, `there is no flow ${id} in this session`, { id });
}

export function unavailable(message: string): ControlError {
  return new ControlError(CODES.unavailable.code, message);
}

export function failed(message: string, data?: unknown): ControlError {
  return new ControlError(CODES.failed.code, message, data);
}

export function unknownMethod(name: string, near: string | undefined): ControlError {
  const guess = near === undefined ? "" : `; did you mean "${near}"?`;
  return new ControlError(METHOD_NOT_FOUND, `there is no method "${name}"${guess}`, { method: name });
}

/** The first fault in words, all of them as data, each with its path. */
export function badParams(method: string, error: z.ZodError): ControlError {
  const issues = error.issues.map(({ path, message, ...rest }) => ({
    path: path.map(String).join("."),
    message,
    ...("params" in rest && typeof rest.params === "object" ? rest.params : {}),
  }));
  const { path, message } = issues[0]!; // an error has at least one
  const where = path === "" ? method : `${method}: ${path}`;
  return new ControlError(INVALID_PARAMS, `${where}: ${message}`, { path, issues });
}

/** A parameter that only running the method could find wrong. */
export function badParam(path: string, message: string): ControlError {
  return new ControlError(INVALID_PARAMS, `${path}: ${message}`, { path, issues: [{ path, message }] });
}
