// `waylay ca install` and `uninstall`: shows every command first, asks, runs them, and asks the stores how it went.

import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { readIfThere } from "../../ca/files.ts";
import { type Anchor, anchorFrom } from "../../ca/root.ts";
import {
  type Change,
  carryOut,
  commandLine,
  type Outcome,
  planChange,
  surveyTrust,
  TRUST_STORES,
  type TrustAction,
} from "../../ca/trust/change.ts";
import { type Machine, thisMachine } from "../../ca/trust/machine.ts";
import { trustedRoot } from "../../ca/trust/trusted-root.ts";
import { anchorIn, caDirOf, json } from "../authority.ts";
import { CommandError } from "../command.ts";
import type { Io } from "../io.ts";

interface Options {
  readonly store?: readonly string[];
  readonly cert?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export async function changeTrust(
  action: TrustAction,
  command: Command,
  io: Io,
  machine: Machine = thisMachine(io.env),
): Promise<void> {
  const options = command.opts<Options>();
  const anchor = anchorOf(options.cert, command, io);
  const root = trustedRoot(anchor, dirname(anchor.files.certificate));
  const stores = TRUST_STORES.filter(store => options.store?.includes(store.id) ?? true);
  const changes = planChange(action, root, await surveyTrust(root, machine, stores));
  if (changes.length === 0) {
    throw new CommandError("no such trust store is on this machine; waylay ca export writes the root for others");
  }

  const due = changes.filter(change => change.steps.length > 0);
  const plan = changes.map(change => planText(action, change, machine, io)).join("");
  if (options.dryRun) {
    io.out(options.json ? json({ plan: due.map(change => planFacts(change, machine)) }) : plan);
    return;
  }
  io.err(`${anchor.subject}\n${anchor.fingerprint256}\n\n${plan}`);
  if (due.length > 0 && !options.yes) await askFirst(io);

  const outcomes: Outcome[] = [];
  for (const change of due) outcomes.push(await carryOut(change, root, machine)); // one may ask for a password
  tell(action, changes, outcomes, options, io);
}

function anchorOf(cert: string | undefined, command: Command, io: Io): Anchor {
  if (cert === undefined) return anchorIn(caDirOf(command, io));
  const file = resolve(io.cwd, cert);
  const text = readIfThere(file);
  if (text === null) throw new CommandError(`${file} does not exist`, 2);
  return anchorFrom(text, { certificate: file, key: "", der: "" });
}

async function askFirst(io: Io): Promise<void> {
  const answer = await io.ask("Do this? [y/N] ");
  if (answer === undefined) throw new CommandError("nothing was done: there is nobody to ask; --yes says yes", 2);
  if (!/^y(?:es)?$/i.test(answer.trim())) throw new CommandError("nothing was done");
}

function planText(action: TrustAction, { place, steps }: Change, machine: Machine, { errPaint }: Io): string {
  const head = `${errPaint.bold(place.title)}: ${place.where}\n`;
  if (place.blocked !== undefined) return `${head}  ${errPaint.yellow(place.blocked)}\n`;
  if (steps.length === 0) return `${head}  ${action === "install" ? "trusts it already" : "does not have it"}\n`;
  const lines = steps.map(step => `  ${step.says}\n    ${errPaint.cyan(`$ ${commandLine(step, machine)}`)}\n`);
  return head + lines.join("");
}

function planFacts({ place, steps }: Change, machine: Machine): unknown {
  const { store, title, where } = place;
  return { store, title, where, steps: steps.map(step => ({ says: step.says, command: commandLine(step, machine) })) };
}

function tell(
  action: TrustAction,
  changes: readonly Change[],
  outcomes: readonly Outcome[],
  options: Options,
  io: Io,
): void {
  const wanted = action === "install" ? "trusted" : "absent";
  const failed = outcomes.filter(({ state, failure }) => failure !== undefined || state !== wanted);
  if (options.json) {
    const places = changes.map(({ place: { store, title, where, blocked }, place, state }) => {
      const outcome = outcomes.find(one => one.place === place);
      return { store, title, where, state: outcome?.state ?? state, blocked, failure: outcome?.failure };
    });
    io.out(json({ places }));
  } else {
    for (const { place, state, failure } of outcomes) {
      const well = failure === undefined && state === wanted;
      const says = well ? (action === "install" ? "trusts it now" : "has it no more") : (failure ?? `says: ${state}`);
      io.out(`${well ? io.paint.green("✓") : io.paint.red("✗")} ${place.title}: ${says}\n`);
    }
    if (outcomes.length === 0) io.out("Nothing to do.\n");
  }
  if (outcomes.length > failed.length) io.err("Restart the browsers that are running.\n");
  if (failed.length > 0) throw new CommandError(`${failed.length} of ${outcomes.length} stores could not be changed`);
}
