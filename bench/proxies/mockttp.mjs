// Runs mockttp as a plain intercepting proxy: node mockttp.mjs PACKAGE_JSON PORT FOLDER
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [packageJson, port, folder] = process.argv.slice(2);
const { generateCACertificate, getLocal } = createRequire(packageJson)("mockttp");
const { key, cert } = await generateCACertificate();
mkdirSync(join(folder, "certs"));
writeFileSync(join(folder, "certs", "ca.pem"), cert);
const server = getLocal({ https: { key, cert } });
await server.start(Number(port));
const trusted = readFileSync(process.env.NODE_EXTRA_CA_CERTS, "utf8");
await server.forAnyRequest().thenPassThrough({ additionalTrustedCAs: [{ cert: trusted }] });
