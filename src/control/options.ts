// The configuration as the API shows it: what is in force, by the options' long names, without secrets.
import type { Config } from "../config.ts";

export function publicOptions(config: Config): Record<string, unknown> {
  const { upstream, ui } = config;
  return {
    mode: config.modes.map(mode => mode.text),
    http2: config.http2,
    only: config.only ?? null,
    pass: config.pass,
    "keep-host": config.keepHost,
    "allow-public": config.allowPublic,
    "upstream-ca": upstream.ca.map(({ file }) => file),
    insecure: upstream.insecure,
    "insecure-host": upstream.insecureHosts,
    "upstream-auth": upstream.auth === undefined ? null : "(set)",
    lenient: config.lenient.map(({ host, allow }) => `${allow}=${host}`),
    home: config.home,
    session: config.session ?? null,
    rules: config.rules ?? null,
    "short-forms": config.shortForms.map(({ option, text, folder }) => ({ option, text, folder })),
    control: config.control,
    "body-limit": config.bodyLimit,
    ui: ui === undefined ? null : { host: ui.host, port: ui.port },
    capture: config.capture === undefined ? null : { iface: config.capture.ifaces },
    demo: config.demo,
    limits: config.limits,
  };
}
