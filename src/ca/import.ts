// The user's own root or intermediate, taken into HOME/ca in the form that ours has.
import { bundleFor, keyPem, readCertificates, readKey } from "./bundle.ts";
import { CaError } from "./error.ts";
import { type RootFiles, writeRoot } from "./files.ts";
import { checkedRoot, loadRoot, type Root, type Unlocking } from "./root.ts";

/**
 * Checks the pair as loading would, then writes the certificates that matter and the key as PKCS#8, encrypted if there
 * is a passphrase. `source` names the files that the texts come from. @throws CaError; "exists" if a root is there.
 */
export function importRoot(
  caDir: string,
  texts: { readonly certificate: string; readonly key: string },
  source: RootFiles,
  options: Unlocking,
): Root {
  checkedRoot(texts.certificate, texts.key, source, options);
  const key = readKey(texts.key, source.key, options.passphrase);
  const { issuer, chain, anchor } = bundleFor(key, readCertificates(texts.certificate, source.certificate), source.key);
  const path = [...new Set([issuer, ...chain, anchor])];
  const { passphrase } = options;
  const written = writeRoot(caDir, {
    certificate: path.map(one => one.pem).join(""),
    key: keyPem(key, passphrase),
    der: anchor.der,
  });
  const root = written ? loadRoot(caDir, options) : null;
  if (root === null) throw new CaError("exists", caDir);
  return { ...root, created: true };
}
