import { decodeContent } from "../flow/decode/content.ts";
import type { ScrubbedPart } from "../flow/message-tap.ts";
import type { Field, Side } from "../flow/model.ts";
import type { Scrubber } from "../flow/tap.ts";
import type { Redaction } from "../rules/plan.ts";
import { REDACTED, redactContent, redactHead } from "../rules/redact.ts";
import { parseRequestHead, parseResponseHead } from "../wire/http1/head-parser.ts";
import type { Http1Limits } from "../wire/http1/limits.ts";
import { encodeContent } from "./content-edit.ts";

/** Carries out a rule's `redact` on what is recorded of a flow. The wire keeps what it had. */
export class RuleScrubber implements Scrubber {
  private readonly redactions: Redaction[] = [];
  private readonly limits: Http1Limits;

  constructor(limits: Http1Limits) {
    this.limits = limits;
  }

  add(redactions: readonly Redaction[]): void {
    this.redactions.push(...redactions);
  }

  part(side: Side): ScrubbedPart {
    let type: string | undefined;
    let encoding = "";
    return {
      head: bytes => {
        try {
          const parse = side === "request" ? parseRequestHead : parseResponseHead;
          const head = parse(bytes, 0, bytes.length, this.limits);
          type = head.fields.get("content-type");
          encoding = head.fields.getAll("content-encoding").join(",");
          return redactHead(head, this.redactions);
        } catch {
          return Buffer.from(REDACTED); // what cannot be read cannot be cleaned
        }
      },
      fields: fields => fields.map(field => this.field(field)),
      content: bytes => {
        const decoded = decodeContent(bytes, encoding);
        if (decoded.problem !== undefined) return Buffer.from(REDACTED);
        const redacted = redactContent(decoded.bytes, type, this.redactions);
        if (redacted === decoded.bytes) return bytes;
        return encodeContent(redacted, encoding) ?? Buffer.from(REDACTED);
      },
    };
  }

  private field([name, value]: Field): Field {
    const hidden = this.redactions.some(
      each => each.kind === "header" && each.name.toLowerCase() === name.toLowerCase(),
    );
    return [name, hidden ? REDACTED : value];
  }
}
