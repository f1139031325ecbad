// `waylay doctor`: is everything there, and what mends what is not.

import type { Command } from "commander";
import { resolveHome } from "../../config/resolve.ts";
import { type Define, example } from "../command.ts";
import { checkRoot, checkTrust } from "../doctor/authority.ts";
import type { Check, Finding, Patient } from "../doctor/finding.ts";
import { checkDisk, checkHome } from "../doctor/home.ts";
import { checkNode, checkPorts } from "../doctor/machine.ts";
import { checkPrograms } from "../doctor/programs.ts";
import { checkStore } from "../doctor/store.ts";
import type { Io } from "../io.ts";
import { addConfigOptions, configFlags } from "../options.ts";

/** In the order in which a person would ask. */
export const CHECKS: readonly Check[] = [
  checkNode,
  checkHome,
  checkDisk,
  checkStore,
  checkRoot,
  checkTrust,
  checkPorts,
  checkPrograms,
];

export const defineDoctor: Define = (command, io) => {
  addConfigOptions(command, ["home", "json"]);
  example(command, "waylay doctor", "waylay doctor --json | jq 'select(.state != \"good\")'");
  command.action(async (_options: unknown, self: Command) => {
    const flags = configFlags(self);
    const patient: Patient = {
      home: resolveHome(flags, io),
      env: io.env,
      platform: process.platform,
      nodeVersion: process.version,
      now: Date.now,
    };
    const findings = await examine(patient);
    io.out(flags.json ? findings.map(finding => `${JSON.stringify(finding)}\n`).join("") : report(findings, io));
    io.exitCode = findings.some(finding => finding.state === "bad") ? 1 : 0;
  });
};

export async function examine(patient: Patient, checks: readonly Check[] = CHECKS): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of checks) findings.push(...(await check(patient)));
  return findings;
}

function report(findings: readonly Finding[], { paint }: Io): string {
  const marks = { good: paint.green("✓"), note: paint.yellow("!"), bad: paint.red("✗") };
  const column = Math.max(...findings.map(finding => finding.name.length));
  const indent = " ".repeat(column + 4);
  const lines = findings.flatMap(({ name, state, says, mend }) => [
    `${marks[state]} ${paint.bold(name.padEnd(column))}  ${says}`,
    ...(mend ? [`${indent}${paint.dim("mend:")} ${paint.cyan(mend)}`] : []),
  ]);
  const broken = findings.filter(finding => finding.state === "bad").length;
  lines.push("", broken === 0 ? paint.green("All that waylay needs is there.") : paint.red(`${broken} to mend.`));
  return `${lines.join("\n")}\n`;
}
