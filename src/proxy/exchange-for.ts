import type { Framing } from "../wire/http1/framing.ts";
import type { RequestHead } from "../wire/http1/head.ts";
import type { ClientStream } from "./client-stream.ts";
import { Exchange } from "./exchange.ts";
import { RuledExchange } from "./ruled-exchange.ts";

/** The exchange that a request gets: the plain one, unless rules or breakpoints may have a say. */
export function exchangeFor(client: ClientStream, head: RequestHead, framing: Framing): Exchange {
  const { services } = client.entry;
  const program = services.program();
  if (program.rules.length === 0 && !services.holds.isSet) return new Exchange(client, head, framing);
  return new RuledExchange(client, head, framing, program);
}
