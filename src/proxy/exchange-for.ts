import type { Program } from "../rules/decide.ts";
import type { Framing } from "../wire/http1/framing.ts";
import type { RequestHead } from "../wire/http1/head.ts";
import type { ClientStream } from "./client-stream.ts";
import { Exchange } from "./exchange.ts";
import type { Destination } from "./route.ts";
import { RuledExchange } from "./ruled-exchange.ts";

/**
 * The exchange that a request gets: the plain one, unless rules or breakpoints may have a say. Where it goes (undefined: not known
 * yet) is enough to tell for most requests, so that rules for other hosts cost them an index's look-up and nothing else.
 */
export function exchangeFor(
  client: ClientStream,
  head: RequestHead,
  framing: Framing,
  destination?: Destination,
): Exchange {
  const { services } = client.entry;
  const program = services.program();
  if (!services.holds.isSet && (program.rules.length === 0 || isNobodys(program, head, destination))) {
    return new Exchange(client, head, framing);
  }
  return new RuledExchange(client, head, framing, program);
}

function isNobodys(program: Program, head: RequestHead, destination: Destination | undefined): boolean {
  if (destination?.kind !== "forward") return false;
  const target = destination.target ?? head.target;
  return !program.index.mayMatch(destination.route.host, head.method, target, head.fields);
}
