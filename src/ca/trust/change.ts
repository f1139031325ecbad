// Looking into all stores, planning a change, and carrying it out: three steps, so that a person can stand between.
import { arch } from "./arch.ts";
import { debian } from "./debian.ts";
import { fedora } from "./fedora.ts";
import type { Machine } from "./machine.ts";
import { macos } from "./macos.ts";
import { nss } from "./nss.ts";
import type { Place, Step, TrustState, TrustStore } from "./store.ts";
import type { TrustedRoot } from "./trusted-root.ts";
import { windows } from "./windows.ts";

export const TRUST_STORES: readonly TrustStore[] = [debian, fedora, arch, macos, windows, nss];

export interface Finding {
  readonly place: Place;
  readonly state: TrustState;
}

/** Every place on this machine, and whether it trusts the root. Changes nothing. */
export async function surveyTrust(
  root: TrustedRoot,
  machine: Machine,
  stores: readonly TrustStore[] = TRUST_STORES,
): Promise<Finding[]> {
  const places = stores.flatMap(store => store.detect(machine));
  return Promise.all(
    places.map(async place => ({ place, state: place.blocked === undefined ? await place.state(root) : "absent" })),
  );
}

export interface Change extends Finding {
  /** Nothing to do: none. */
  readonly steps: readonly Step[];
}

export type TrustAction = "install" | "uninstall";

/** What would be done where. */
export function planChange(action: TrustAction, root: TrustedRoot, findings: readonly Finding[]): Change[] {
  return findings.map(({ place, state }) => {
    const done = state === (action === "install" ? "trusted" : "absent");
    return { place, state, steps: done || place.blocked !== undefined ? [] : place[action](root) };
  });
}

export interface Outcome {
  readonly place: Place;
  /** What the store says afterwards. */
  readonly state: TrustState;
  /** The command that failed and its last words. */
  readonly failure?: string;
}

/** Runs one place's steps in order up to the first failure, then asks the store itself how things stand. */
export async function carryOut(change: Change, root: TrustedRoot, machine: Machine): Promise<Outcome> {
  const { place } = change;
  for (const step of change.steps) {
    const ran = await machine.run(commandOf(step, machine), { asking: true });
    if (ran.status !== 0) {
      const words = (ran.stderr.trim() || ran.stdout.trim()).split("\n").at(-1) || `exit status ${ran.status}`;
      return { place, state: await place.state(root), failure: `${commandLine(step, machine)}: ${words}` };
    }
  }
  return { place, state: await place.state(root) };
}

/** The command as it is run on this machine. */
export function commandOf(step: Step, machine: Machine): readonly string[] {
  if (!step.asRoot || machine.isRoot) return step.argv;
  return [!machine.has("sudo") && machine.has("doas") ? "doas" : "sudo", ...step.argv];
}

/** The same for people, quoted for a shell. */
export function commandLine(step: Step, machine: Machine): string {
  return commandOf(step, machine)
    .map(word => (/^[\w@%+=:,./\\-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(" ");
}
