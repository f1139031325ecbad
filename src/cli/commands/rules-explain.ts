// `waylay rules explain`: rule by rule, does it match, why not, and what does it change.

import type { Command } from "commander";
import { explainRules, explainTogether } from "../../rules/explain.ts";
import type { RuleFiles } from "../../rules/files.ts";
import { RuleHits } from "../../rules/hits.ts";
import { CommandError } from "../command.ts";
import { unhide } from "../filter-terms.ts";
import type { Io } from "../io.ts";
import { explanationText } from "../render/explained.ts";
import { type Asked, askedByFile, askedByFlow, askedByUrl } from "../rules/exchange.ts";
import { openRuleSet } from "../rules/rule-set.ts";
import { noSuchFlow, parseFlowId, withSession } from "../session.ts";

interface Options {
  readonly flow?: string;
  readonly request?: string;
  readonly method?: string;
  readonly header?: readonly string[];
  readonly data?: string;
  readonly matched?: boolean;
  readonly json?: boolean;
}

export async function explain(url: string | undefined, command: Command, io: Io): Promise<void> {
  const options = command.opts<Options>();
  const asked = await askedFor(url, options, command, io);
  const set = await openRuleSet(command, io);
  refuseFaults(set);
  // Every sample is taken, and nothing is counted: the question is what may happen.
  const ambient = () => ({ nowMs: asked.at, random: () => 0, hits: new RuleHits() });
  const all = explainRules(set.rules, asked, ambient());
  const rules = options.matched ? all.filter(rule => rule.verdict === "matched") : all;
  const together = explainTogether(set.rules, asked, ambient());
  const { method, scheme, host, port, target } = asked.request;
  const request = { method, scheme, host, port, path: target };
  if (options.json) return io.out(`${JSON.stringify({ request, rules, together })}\n`);
  if (all.length === 0) io.err("no rules: waylay rules add NAME puts some into HOME/rules, -r FILE names others\n");
  io.out(explanationText({ request: asked.request, rules, together }, io.width, io.paint));
}

async function askedFor(url: string | undefined, options: Options, command: Command, io: Io): Promise<Asked> {
  const { flow, request, method, header = [], data } = options;
  if (flow !== undefined && (url !== undefined || request !== undefined))
    throw new CommandError("--flow is a whole request: leave the URL and --request out", 2);
  if (flow !== undefined) {
    const id = parseFlowId(flow);
    return await withSession(command, io, session => {
      const asked = askedByFlow(session, id);
      if (asked === undefined) throw noSuchFlow(id);
      return asked;
    });
  }
  if (request !== undefined) return await askedByFile(request, url, io);
  if (url === undefined) throw new CommandError("wants a URL, --flow ID or --request FILE", 2);
  return askedByUrl({ url, method, headers: header.map(unhide), data }, io);
}

/** Half of the rules would explain half of what happens. */
function refuseFaults(set: RuleFiles): void {
  const faults = set.problems.filter(({ diagnostic }) => diagnostic.severity === "error");
  if (faults.length === 0) return;
  const first = faults[0]!.text.split("\n")[0];
  throw new CommandError(`the rules have errors, waylay rules check shows them all: ${first}`);
}
