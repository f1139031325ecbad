// Certificates as the world has them, good and bad, made by openssl when a test first asks for one.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cleaner } from "./raw-client.ts";
import { outputOf } from "./tool.ts";

export interface CertificateSpec {
  /** subjectAltName as openssl writes it; "" leaves it out. */
  readonly san?: string;
  readonly cn?: string;
  /** Whose signature: a name that `authority` was given, or "self". */
  readonly issuer?: string;
  readonly extendedKeyUsage?: string;
  readonly digest?: "sha256" | "sha1";
  readonly key?: "ec" | "rsa2048" | "rsa1024";
  /** YYYYMMDDHHMMSSZ, both or none. */
  readonly from?: string;
  readonly until?: string;
  /** Sent behind the certificate. */
  readonly chain?: readonly string[];
}

export interface Credentials {
  readonly cert: string;
  readonly key: string;
}

/** localhost under its names and addresses. */
export const LOCAL_SAN = "DNS:localhost,DNS:a.localhost,DNS:b.localhost,IP:127.0.0.1,IP:::1";

const KEYS = {
  ec: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
  rsa2048: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
  rsa1024: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
} as const;

export class Certificates {
  private readonly folder: string;
  private serial = 1000;

  constructor(folder: string) {
    this.folder = folder;
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  /** A certificate authority; `issuer` makes it an intermediate. Returns the path of its certificate. */
  authority(name: string, subject: string, issuer = "self"): string {
    this.sign(name, `/O=waylay tests/CN=${subject}`, issuer, KEYS.ec, "sha256", undefined, [
      "basicConstraints=critical,CA:TRUE",
      "keyUsage=critical,keyCertSign,cRLSign",
      "subjectKeyIdentifier=hash",
    ]);
    return this.file(`${name}.pem`);
  }

  /** A server's certificate and key; by default a good one for localhost by the authority "root". */
  server(name: string, spec: CertificateSpec = {}): Credentials {
    const san = spec.san ?? LOCAL_SAN;
    const dates = spec.from === undefined ? undefined : ([spec.from, spec.until ?? spec.from] as const);
    this.sign(
      name,
      `/CN=${spec.cn ?? "localhost"}`,
      spec.issuer ?? "root",
      KEYS[spec.key ?? "ec"],
      spec.digest ?? "sha256",
      dates,
      [
        "basicConstraints=critical,CA:FALSE",
        "keyUsage=critical,digitalSignature,keyEncipherment",
        `extendedKeyUsage=${spec.extendedKeyUsage ?? "serverAuth"}`,
        ...(san === "" ? [] : [`subjectAltName=${san}`]),
      ],
    );
    const chain = (spec.chain ?? []).map(link => this.read(`${link}.pem`)).join("");
    return { cert: this.read(`${name}.pem`) + chain, key: this.read(`${name}.key`) };
  }

  private read(name: string): string {
    return readFileSync(this.file(name), "utf8");
  }

  private sign(
    name: string,
    subject: string,
    issuer: string,
    key: readonly string[],
    digest: string,
    dates: readonly [from: string, until: string] | undefined,
    extensions: readonly string[],
  ): void {
    const [pem, keyFile, request, config] = [".pem", ".key", ".csr", ".cnf"].map(end => this.file(name + end)) as [
      string,
      string,
      string,
      string,
    ];
    writeFileSync(config, `[req]\ndistinguished_name=dn\n[dn]\n[v3]\n${extensions.join("\n")}\n`);
    outputOf("openssl", "genpkey", ...key, "-out", keyFile);
    if (issuer === "self") {
      const self = ["-x509", "-new", "-key", keyFile, "-subj", subject, "-days", "100", `-${digest}`, "-out", pem];
      outputOf("openssl", "req", ...self, "-config", config, "-extensions", "v3");
      return;
    }
    outputOf("openssl", "req", "-new", "-key", keyFile, "-subj", subject, "-out", request, "-config", config);
    const by = ["-CA", this.file(`${issuer}.pem`), "-CAkey", this.file(`${issuer}.key`)];
    if (dates === undefined) {
      const serial = ["-set_serial", String(this.serial++), "-days", "100", `-${digest}`];
      outputOf(
        "openssl",
        "x509",
        "-req",
        "-in",
        request,
        ...by,
        ...serial,
        "-out",
        pem,
        "-extfile",
        config,
        "-extensions",
        "v3",
      );
    } else this.signBetween(name, issuer, dates, digest, extensions);
  }

  /** Only `openssl ca` lets both dates be chosen (openssl 3.0). */
  private signBetween(
    name: string,
    issuer: string,
    [from, until]: readonly [string, string],
    digest: string,
    extensions: readonly string[],
  ): void {
    const books = this.file(`${name}.books`);
    mkdirSync(books);
    writeFileSync(join(books, "index"), "");
    writeFileSync(join(books, "serial"), (this.serial++).toString(16).padStart(6, "0"));
    const config = join(books, "ca.cnf");
    writeFileSync(
      config,
      `[ca]\ndefault_ca=c\n[c]\ndatabase=${books}/index\nserial=${books}/serial\nnew_certs_dir=${books}\npolicy=p\n` +
        `default_md=${digest}\nx509_extensions=v3\nunique_subject=no\n[p]\nCN=supplied\n[v3]\n${extensions.join("\n")}\n`,
    );
    const by = ["-cert", this.file(`${issuer}.pem`), "-keyfile", this.file(`${issuer}.key`)];
    const dates = ["-startdate", from, "-enddate", until];
    const files = ["-in", this.file(`${name}.csr`), "-out", this.file(`${name}.pem`)];
    outputOf("openssl", "ca", "-batch", "-notext", "-config", config, ...by, ...files, ...dates);
  }
}

/** A folder of certificates with one authority, "root", to trust with `--upstream-ca root.pem`. Gone after the test. */
export function makeCertificates(test: Cleaner): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "waylay-certificates-"));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  const certificates = new Certificates(folder);
  certificates.authority("root", "Test Origins");
  return certificates;
}
