// What can be said of a filter before everything is known. A live exchange learns its facts in stages (connect, request head, request
// body, response head …); at each stage a filter surely matches, surely does not, or waits for more.
import type { Filter, Node, Term } from "./ast.ts";
import { compileNode, type Moment, type Predicate } from "./compile.ts";
import { STAGES, type Stage, stageIndex } from "./fields.ts";

/** Three-valued: what is known of a filter at a stage. */
export interface StagedPredicate {
  /** False: nothing learnt later can make it match. */
  readonly possible: Predicate;
  /** True: nothing learnt later can stop it from matching. */
  readonly certain: Predicate;
  /** True if the two are the same, so that the stage decides it. */
  readonly decided: boolean;
}

/** Compiles a filter for judging at `stage`; terms on later facts are open. */
export function compileAtStage(filter: Filter, stage: Stage, moment?: Moment): StagedPredicate {
  const { possible, certain } = bounds(filter.root, stageIndex(stage), moment);
  return { possible, certain, decided: possible === certain };
}

/** The stage at which every term of a filter is known. */
export function stageOf(filter: Filter): Stage {
  let latest = 0;
  for (const term of termsOf(filter.root)) latest = Math.max(latest, stageIndex(stageOfTerm(term)));
  return STAGES[latest]!;
}

export function stageOfTerm(term: Term): Stage {
  // A bare word is judged on what the head says: waiting for bodies would hold every message. `body:` asks for that by name.
  return term.kind === "word" ? "request" : (flagStage(term) ?? term.field.stage);
}

/** Every term of a node, left to right. */
export function termsOf(node: Node): Term[] {
  if (node.kind === "all") return [];
  if (node.kind === "and" || node.kind === "or") return node.items.flatMap(termsOf);
  if (node.kind === "not") return termsOf(node.item);
  return [node as Term]; // what is left of the union; the checker loses it over "and" | "or"
}

/** `is:websocket` and `is:grpc` are seen in the request's head, the others only later. */
function flagStage(term: Term): Stage | undefined {
  if (term.kind !== "flag") return undefined;
  if (term.flag === "tunnel") return "connect";
  if (term.flag === "sse") return "response";
  return term.flag === "websocket" || term.flag === "grpc" || term.flag === "replayed" ? "request" : "done";
}

interface Bounds {
  readonly possible: Predicate;
  readonly certain: Predicate;
}

const YES: Predicate = () => true;
const NO: Predicate = () => false;

function bounds(node: Node, stage: number, moment: Moment | undefined): Bounds {
  if (termsOf(node).every(term => stageIndex(stageOfTerm(term)) <= stage)) {
    const known = compileNode(node, moment);
    return { possible: known, certain: known };
  }
  switch (node.kind) {
    case "not": {
      const { possible, certain } = bounds(node.item, stage, moment);
      return { possible: subject => !certain(subject), certain: subject => !possible(subject) };
    }
    case "and":
    case "or": {
      const items = node.items.map(item => bounds(item, stage, moment));
      const join = node.kind === "and" ? every : some;
      return { possible: join(items.map(each => each.possible)), certain: join(items.map(each => each.certain)) };
    }
    default:
      return { possible: YES, certain: NO };
  }
}

function every(all: readonly Predicate[]): Predicate {
  return subject => all.every(each => each(subject));
}

function some(all: readonly Predicate[]): Predicate {
  return subject => all.some(each => each(subject));
}
