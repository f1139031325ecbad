// Every action there is, in the order of the reference.
import type { Action } from "./action.ts";
import { ANSWER_ACTIONS } from "./answers.ts";
import { contentActions } from "./content.ts";
import { FLOW_ACTIONS } from "./flow.ts";
import { NETWORK_ACTIONS } from "./network.ts";
import { notYet } from "./not-yet.ts";
import { REQUEST_ACTIONS } from "./request.ts";
import { RESPONSE_ACTIONS } from "./response.ts";

/** Every action of the language, also those that this version does not carry out (not-yet.ts). */
export const ACTIONS: readonly Action[] = [
  ...REQUEST_ACTIONS,
  ...contentActions("request"),
  ...ANSWER_ACTIONS,
  ...RESPONSE_ACTIONS,
  ...contentActions("response"),
  ...NETWORK_ACTIONS,
  ...FLOW_ACTIONS,
];

/** What a rule file may say in this version. */
export const OFFERED_ACTIONS: readonly Action[] = ACTIONS.filter(each => notYet(each.key) === undefined);

const BY_KEY: ReadonlyMap<string, Action> = new Map(ACTIONS.map(each => [each.key, each]));

export function findAction(key: string): Action | undefined {
  return BY_KEY.get(key);
}

/** True if actions stand below this key: `request.headers`. */
export function isSection(key: string): boolean {
  return ACTIONS.some(each => each.key.startsWith(`${key}.`));
}

/** The keys that may stand directly below a section ("" for a rule itself). */
export function keysBelow(section: string): string[] {
  const prefix = section === "" ? "" : `${section}.`;
  const names = OFFERED_ACTIONS.filter(each => each.key.startsWith(prefix)).map(
    each => each.key.slice(prefix.length).split(".")[0]!,
  );
  return [...new Set(names)];
}
