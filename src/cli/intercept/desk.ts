// What a person at a terminal does with messages that wait: a word a command, on the running waylay's API.

import type { ControlClient } from "../../control/client.ts";
import type { PausedFlow } from "../../control/paused-flow.ts";
import { CommandError } from "../command.ts";
import type { Io } from "../io.ts";
import { flowLine } from "../render/flow-line.ts";
import { printable } from "../render/printable.ts";
import { ANSWER_TEMPLATE, answerOf, editsOf, messageText, type TextEdits } from "./text.ts";

interface Verb {
  readonly names: readonly string[];
  readonly usage: string;
  readonly doc: string;
  run(desk: Desk, rest: string): Promise<void>;
}

/** One table for the commands, their help and what is asked for when a word is none. */
const VERBS: readonly Verb[] = [
  { names: ["ls"], usage: "ls", doc: "what waits, the longest first", run: desk => desk.list() },
  {
    names: ["show", "s"],
    usage: "show [ID]",
    doc: "the message as it would go on",
    run: each((desk, id) => desk.show(id)),
  },
  {
    names: ["edit", "e"],
    usage: "edit [ID]",
    doc: "edit it as text in $EDITOR",
    run: each((desk, id) => desk.edit(id)),
  },
  { names: ["undo", "u"], usage: "undo [ID]", doc: "forget the edits", run: each((desk, id) => desk.undo(id)) },
  {
    names: ["go", "g"],
    usage: "go [ID | all]",
    doc: "let it go on, with your edits",
    run: (desk, rest) => desk.go(rest),
  },
  {
    names: ["original", "o"],
    usage: "original [ID]",
    doc: "let it go on as it was received, without what rules edited",
    run: each((desk, id) => desk.original(id)),
  },
  {
    names: ["answer", "a"],
    usage: "answer [ID [STATUS [TEXT]]]",
    doc: "answer it yourself; without a status in $EDITOR",
    run: each((desk, id, rest) => desk.answer(id, rest)),
  },
  {
    names: ["drop", "d"],
    usage: "drop [ID]",
    doc: "reset the client's connection",
    run: each((desk, id) => desk.drop(id)),
  },
  { names: ["help", "?"], usage: "help", doc: "these words", run: async desk => desk.help() },
];

export class Desk {
  private readonly client: ControlClient;
  private readonly io: Io;
  private readonly editor: (text: string) => Promise<string>;
  private readonly drafts = new Map<number, TextEdits>();

  constructor(client: ControlClient, io: Io, editor: (text: string) => Promise<string>) {
    this.client = client;
    this.io = io;
    this.editor = editor;
  }

  /** Does what a line says; what cannot be done is said, and nothing is lost. */
  async take(line: string): Promise<void> {
    const [word = "", rest = ""] = splitWord(line);
    if (word === "") return;
    const verb = VERBS.find(({ names }) => names.includes(word));
    try {
      if (verb === undefined)
        throw new CommandError(`"${word}" is none of ${VERBS.map(({ names }) => names[0]).join(", ")}, quit`);
      await verb.run(this, rest);
    } catch (error) {
      this.io.err(`${this.io.errPaint.red("waylay:")} ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }

  tell(flow: PausedFlow): void {
    const { paint, width } = this.io;
    const turn = `${flow.paused.turn.padEnd(9)}`;
    const line = flowLine(flow, width === undefined ? undefined : width - turn.length, paint);
    this.io.out(`${paint.yellow(turn)}${line}${this.drafts.has(flow.id) ? paint.green(" edited") : ""}\n`);
  }

  help(): void {
    const width = Math.max(...VERBS.map(({ usage }) => usage.length)) + 2;
    for (const { usage, doc } of VERBS) this.io.out(`${this.io.paint.bold(usage.padEnd(width))}${doc}\n`);
    this.io.out(
      `${this.io.paint.bold("quit".padEnd(width))}take the breakpoint off; what waits goes on\nwithout ID: the one that waits longest\n`,
    );
  }

  async list(): Promise<void> {
    const { flows } = await this.client.call("intercept.list", {});
    for (const flow of flows) this.tell(flow);
    if (flows.length === 0) this.io.err("nothing waits\n");
  }

  async show(id: number): Promise<void> {
    const shown = await this.client.call("intercept.get", { id });
    const draft = this.drafts.get(id);
    const { head = shown.head, body = shown.body } = draft ?? {};
    this.io.out(`${printable(messageText(body === undefined ? { head } : { head, body })).trimEnd()}\n`);
  }

  async edit(id: number): Promise<void> {
    const shown = await this.client.call("intercept.get", { id });
    const draft = this.drafts.get(id);
    const { head = shown.head, body = shown.body } = draft ?? {};
    const edits = editsOf(shown, await this.editor(messageText(body === undefined ? { head } : { head, body })));
    if (edits === null) this.drafts.delete(id);
    else this.drafts.set(id, edits);
    this.io.err(edits === null ? "nothing changed\n" : `go ${id} sends it, undo ${id} forgets the edits\n`);
  }

  async undo(id: number): Promise<void> {
    this.io.err(this.drafts.delete(id) ? `flow ${id} is as it was\n` : `flow ${id} was not edited\n`);
  }

  async go(rest: string): Promise<void> {
    if (rest !== "all") return this.resume(await this.idOf(rest));
    for (const { id } of (await this.client.call("intercept.list", {})).flows) await this.resume(id);
  }

  async original(id: number): Promise<void> {
    await this.client.call("intercept.resume", { id, original: true });
    this.drafts.delete(id);
  }

  async answer(id: number, rest: string): Promise<void> {
    const [status = "", text = ""] = splitWord(rest);
    const whole = status === "" ? await this.editor(ANSWER_TEMPLATE) : `HTTP/1.1 ${status}\n\n${text}`;
    await this.client.call("intercept.answer", { id, response: answerOf(whole) });
    this.drafts.delete(id);
  }

  async drop(id: number): Promise<void> {
    await this.client.call("intercept.drop", { id });
    this.drafts.delete(id);
  }

  async idOf(text: string): Promise<number> {
    if (/^\d+$/.test(text)) return Number(text);
    if (text !== "") throw new CommandError(`"${text}" is no flow's id`);
    const [first] = (await this.client.call("intercept.list", {})).flows;
    if (first === undefined) throw new CommandError("nothing waits");
    return first.id;
  }

  private async resume(id: number): Promise<void> {
    const edits = this.drafts.get(id);
    await this.client.call("intercept.resume", edits === undefined ? { id } : { id, edits });
    this.drafts.delete(id);
  }
}

/** A verb on one flow: the one that is named, or the one that waits longest. */
function each(run: (desk: Desk, id: number, rest: string) => Promise<void>): Verb["run"] {
  return async (desk, text) => {
    const [word = "", rest = ""] = splitWord(text);
    await run(desk, await desk.idOf(word), rest);
  };
}

function splitWord(text: string): string[] {
  return /^\s*(\S*)\s*(.*?)\s*$/s.exec(text)!.slice(1); // every text has this form
}
